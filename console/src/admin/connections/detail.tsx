import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ScrollText, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import type { Answer } from "../../api/client";
import { useClient } from "../../api/context";
import { useSelf } from "../../auth/context";
import { Button } from "../../ui/button";
import { Input, TextArea } from "../../ui/field";
import { Badge, Notice } from "../../ui/shown";
import { useToasts } from "../../ui/toast";
import { Confirm, Saving } from "../asking";
import { useForm } from "../form";
import { Mistakes } from "../mistakes";
import { Answered, Page, Section } from "../page";
import { may } from "../scopes";
import { type Connection, type ConnectionChange, changed, connectionOf, forget, kindsOf, know, patch, remove, type Values } from "./api";
import { Settings } from "./settings";
import { Enabled } from "./switch";
import { changesOf, pathsOf, taken } from "./values";

const back = { to: "/connections", label: "Connections" };

/** The page of a connection. */
export function Component() {
  const { id = "" } = useParams();
  const query = useQuery(connectionOf(useClient(), id));
  if (query.data) return <Detail key={id} answer={query.data} />;
  return (
    <Page title="Connection" back={back}>
      <Answered query={query} gone="There is no such connection">
        {() => null}
      </Answered>
    </Page>
  );
}

/** What the form changes; secrets are there only to be set. */
interface Shown {
  name: string;
  description: string;
  settings: Values;
  secrets: Values;
}

const shownOf = ({ name, description, settings }: Connection): Shown => ({ name, description, settings, secrets: {} });

function Detail({ answer: { data: connection, etag } }: { answer: Answer<Connection> }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const self = useSelf();
  const navigate = useNavigate();
  const kinds = useQuery(kindsOf(client));
  const kind = kinds.data?.find((one) => one.kind === connection.kind);
  const form = useForm(shownOf(connection), etag);
  const [asking, setAsking] = useState(false);
  const { id } = connection;
  const { value, seen } = form;
  const disabled = !self.may(may.updateConnections);
  const saving = useMutation({
    mutationFn: () => {
      const change: ConnectionChange = {};
      if (value.name !== seen.name) change.name = value.name;
      if (value.description !== seen.description) change.description = value.description;
      const [settings, secrets] = [changesOf(seen.settings, value.settings), changesOf(seen.secrets, value.secrets)];
      if (settings) change.settings = settings;
      if (secrets) change.secrets = secrets;
      return patch(client, id, change, form.tag);
    },
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
      toasts.say(`${connection.name} is gone.`);
      void changed(queries);
      navigate("/connections");
      forget(queries, id);
    },
  });
  const mistakes = new Mistakes(saving.error, pathsOf(kind, value.settings), taken);
  return (
    <Page
      title={connection.name}
      back={back}
      about={kind?.label}
      buttons={
        <>
          {self.may(may.viewAuditLog) && (
            <Link className="button" to={`/audit-log?target=${id}`}>
              <ScrollText size={16} aria-hidden />
              History
            </Link>
          )}
          {self.may(may.deleteConnections) && (
            <Button look="danger" onClick={() => setAsking(true)}>
              <Trash2 size={16} aria-hidden />
              Delete…
            </Button>
          )}
        </>
      }
    >
      <Section
        title="About it"
        buttons={
          <>
            <Badge tone={connection.isEnabled ? "good" : "plain"}>{connection.isEnabled ? "Enabled" : "Switched off"}</Badge>
            <Enabled connection={connection} />
          </>
        }
      >
        <Input
          label="Name"
          hint="Flows and logins name it so."
          disabled={disabled}
          value={value.name}
          mistake={mistakes.at("name")}
          onChange={({ target }) => form.change({ name: target.value })}
        />
        <TextArea
          label="Description"
          optional
          disabled={disabled}
          value={value.description}
          mistake={mistakes.at("description")}
          onChange={({ target }) => form.change({ description: target.value })}
        />
      </Section>
      <Section title="Settings">
        {kind ? (
          <Settings
            kind={kind}
            settings={value.settings}
            secrets={value.secrets}
            secretsSet={connection.secretsSet}
            onSettings={(settings) => form.change({ settings })}
            onSecrets={(secrets) => form.change({ secrets })}
            mistakes={mistakes}
            there
            disabled={disabled}
          />
        ) : kinds.data ? (
          <Notice tone="warn">This server does not know the kind {connection.kind}.</Notice>
        ) : (
          <Answered query={kinds}>{() => null}</Answered>
        )}
      </Section>
      <Saving form={form} running={saving.isPending} mistake={mistakes.rest} onSave={() => saving.mutate()} />
      {asking && (
        <Confirm title={`Delete ${connection.name}?`} label="Delete" doing={deleting} onClose={() => setAsking(false)}>
          People who sign in by it cannot any more. A connection that a live flow needs cannot be deleted.
        </Confirm>
      )}
    </Page>
  );
}
