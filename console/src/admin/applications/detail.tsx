import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, ScrollText, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import type { Answer } from "../../api/client";
import { useClient } from "../../api/context";
import { useSelf } from "../../auth/context";
import { Button } from "../../ui/button";
import { useToasts } from "../../ui/toast";
import { Confirm, Saving } from "../asking";
import { differenceOf } from "../difference";
import { useForm } from "../form";
import { Mistakes } from "../mistakes";
import { Answered, Page } from "../page";
import { may } from "../scopes";
import {
  type Application,
  type ApplicationChange,
  applicationOf,
  changed,
  forget,
  know,
  patch,
  regenerate,
  remove,
  withoutSecret,
} from "./api";
import { paths, stepsPath, taken } from "./paths";
import { Secret } from "./secret";
import { Settings } from "./settings";

const back = { to: "/applications", label: "Applications" };

/** The page of an application. */
export function Component() {
  const { id = "" } = useParams();
  const query = useQuery(applicationOf(useClient(), id));
  if (query.data) return <Detail key={id} answer={query.data} />;
  return (
    <Page title="Application" back={back}>
      <Answered query={query} gone="There is no such application">
        {() => null}
      </Answered>
    </Page>
  );
}

function Detail({ answer }: { answer: Answer<Application> }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const self = useSelf();
  const navigate = useNavigate();
  const form = useForm(answer.data, answer.etag);
  const [open, setOpen] = useState<"secret" | "delete">();
  const [secret, setSecret] = useState<string>();
  const { id, name, clientId } = form.seen;
  const close = () => setOpen(undefined);
  const saving = useMutation({
    mutationFn: async () => {
      const { data, etag } = await patch(client, id, (differenceOf(form.seen, form.value) ?? {}) as ApplicationChange, form.tag);
      setSecret(data.inboundProtocolConfiguration.oidc.clientSecret); // kept in no cache
      return { data: withoutSecret(data), etag };
    },
    onSuccess: ({ data, etag }) => {
      know(queries, data, etag);
      form.saved(data, etag);
      void changed(queries);
      toasts.say("Saved.");
    },
  });
  const renewing = useMutation({
    mutationFn: async () => {
      const { data, etag } = await regenerate(client, id, form.tag);
      setSecret(data.clientSecret);
      return etag;
    },
    onSuccess: (etag) => {
      know(queries, form.seen, etag);
      form.saved(form.seen, etag);
      close();
    },
  });
  const deleting = useMutation({
    mutationFn: () => remove(client, id, form.tag),
    onSuccess: () => {
      toasts.say(`${name} is gone.`);
      void changed(queries);
      navigate("/applications");
      forget(queries, id);
    },
  });
  const mistakes = new Mistakes(saving.error, [...Object.values(paths), stepsPath, ...stepPaths(form.value)], taken);
  const confidential = !form.seen.inboundProtocolConfiguration.oidc.publicClient;
  const buttons = (
    <>
      {self.may(may.viewAuditLog) && (
        <Link className="button" to={`/audit-log?target=${id}`}>
          <ScrollText size={16} aria-hidden />
          History
        </Link>
      )}
      {self.may(may.updateApplications) && confidential && (
        <Button disabled={form.dirty} onClick={() => setOpen("secret")}>
          <KeyRound size={16} aria-hidden />
          New secret…
        </Button>
      )}
      {self.may(may.deleteApplications) && (
        <Button look="danger" onClick={() => setOpen("delete")}>
          <Trash2 size={16} aria-hidden />
          Delete…
        </Button>
      )}
    </>
  );
  return (
    <Page
      title={name}
      back={back}
      buttons={buttons}
      about={
        <>
          Client ID <code>{clientId}</code>
        </>
      }
    >
      <Settings value={form.value} onChange={form.change} mistakes={mistakes} disabled={!self.may(may.updateApplications)} />
      <Saving form={form} running={saving.isPending} mistake={mistakes.rest} onSave={() => saving.mutate()} />
      {open === "secret" && (
        <Confirm title="Make a new secret?" label="Make it" doing={renewing} onClose={close}>
          The old one is good for nothing from then on: {name} cannot get tokens until it has the new one.
        </Confirm>
      )}
      {open === "delete" && (
        <Confirm title={`Delete ${name}?`} label="Delete" doing={deleting} onClose={close}>
          Nobody can sign in to it any more, and everything it was granted is revoked. This cannot be undone.
        </Confirm>
      )}
      {secret && <Secret secret={secret} onClose={() => setSecret(undefined)} />}
    </Page>
  );
}

/** stepPaths are where problems of the login's steps are shown. */
function stepPaths({ authenticationSequence: { steps } }: Application): string[] {
  return steps.flatMap((step, i) => {
    const at = `${stepsPath}[${i}].options`;
    return [at, ...step.options.flatMap((_, j) => [`${at}[${j}].authenticator`, `${at}[${j}].idp`])];
  });
}
