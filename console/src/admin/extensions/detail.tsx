import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ScrollText, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import type { Answer } from "../../api/client";
import { useClient } from "../../api/context";
import { useSelf } from "../../auth/context";
import { Button } from "../../ui/button";
import { useToasts } from "../../ui/toast";
import { Confirm, Saving } from "../asking";
import { useForm } from "../form";
import { Mistakes } from "../mistakes";
import { Answered, Page } from "../page";
import { may } from "../scopes";
import { changed, type Extension, extensionOf, forget, know, patch, remove } from "./api";
import { Fields } from "./fields";
import { changeOf, pathsOf, shownOf, taken } from "./shown";

const back = { to: "/extensions", label: "Extensions" };

/** The page of an extension. */
export function Component() {
  const { id = "" } = useParams();
  const query = useQuery(extensionOf(useClient(), id));
  if (query.data) return <Detail key={id} answer={query.data} />;
  return (
    <Page title="Extension" back={back}>
      <Answered query={query} gone="There is no such extension">
        {() => null}
      </Answered>
    </Page>
  );
}

function Detail({ answer: { data: extension, etag } }: { answer: Answer<Extension> }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const self = useSelf();
  const navigate = useNavigate();
  const form = useForm(shownOf(extension), etag);
  const [asking, setAsking] = useState(false);
  const { id } = extension;
  const saving = useMutation({
    mutationFn: () => patch(client, id, changeOf(form.seen, form.value), form.tag),
    onSuccess: (now) => {
      know(queries, now);
      form.saved(shownOf(now.data), now.etag);
      void changed(queries);
      toasts.say("Saved.");
    },
  });
  const deleting = useMutation({
    mutationFn: () => remove(client, id, etag),
    onSuccess: () => {
      toasts.say(`${extension.name} is gone.`);
      void changed(queries);
      navigate("/extensions");
      forget(queries, id);
    },
  });
  const mistakes = new Mistakes(saving.error, pathsOf(form.value.type), taken);
  return (
    <Page
      title={extension.name}
      back={back}
      buttons={
        <>
          {self.may(may.viewAuditLog) && (
            <Link className="button" to={`/audit-log?target=${id}`}>
              <ScrollText size={16} aria-hidden />
              History
            </Link>
          )}
          {self.may(may.deleteExtensions) && (
            <Button look="danger" onClick={() => setAsking(true)}>
              <Trash2 size={16} aria-hidden />
              Delete…
            </Button>
          )}
        </>
      }
    >
      <Fields form={form} there={extension.encryption !== undefined} mistakes={mistakes} disabled={!self.may(may.updateExtensions)} />
      <Saving form={form} running={saving.isPending} mistake={mistakes.rest} onSave={() => saving.mutate()} />
      {asking && (
        <Confirm title={`Delete ${extension.name}?`} label="Delete" doing={deleting} onClose={() => setAsking(false)}>
          An extension that a live flow asks cannot be deleted. In drafts it is missing then.
        </Confirm>
      )}
    </Page>
  );
}
