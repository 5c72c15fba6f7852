import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, Ellipsis, History, LayoutTemplate, PencilRuler, Trash2, Upload } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { Link } from "react-router";
import { useClient } from "../api/context";
import { changed, discardDraft, documentOf, enable, mayUpdate, overviewOf } from "../api/flows";
import { explain } from "../api/problem";
import type { Overview } from "../api/types";
import { useSelf } from "../auth/context";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Switch } from "../ui/field";
import { Menu } from "../ui/menu";
import { Badge, Loading, Notice, Skeleton, When } from "../ui/shown";
import { useToasts } from "../ui/toast";
import { download, toFile } from "./file";
import { First } from "./first";
import "./flows.css";
import { Importing } from "./importing";
import { Publish } from "./publish";
import { Templates } from "./templates";
import { flowWords } from "./words";

/** The page of all flows. */
export function Component() {
  const overview = useQuery(overviewOf(useClient()));
  return (
    <div className="page">
      <title>Flows · Usher</title>
      <header className="page-head">
        <div>
          <h1>Flows</h1>
          <p>How people come to have an account, and come back to it.</p>
        </div>
      </header>
      <First />
      {overview.isError && (
        <Notice tone="bad" action={<Button onClick={() => overview.refetch()}>Try again</Button>}>
          {explain(overview.error)}
        </Notice>
      )}
      {overview.isPending && (
        <Loading>
          <div className="flows">
            {[1, 2, 3].map((i) => (
              <Skeleton key={i} height="21rem" />
            ))}
          </div>
        </Loading>
      )}
      {overview.data && (
        <div className="flows">
          {overview.data.map((flow) => (
            <Card key={flow.flowType} flow={flow} />
          ))}
        </div>
      )}
    </div>
  );
}

type Open = "templates" | "publish" | "discard" | { file: File };

function Card({ flow }: { flow: Overview }) {
  const { name, about } = flowWords[flow.flowType];
  const client = useClient();
  const toasts = useToasts();
  const may = useSelf().may(mayUpdate);
  const [open, setOpen] = useState<Open>();
  const files = useRef<HTMLInputElement>(null);
  const close = () => setOpen(undefined);
  const save = async (version?: number) => {
    try {
      download(`${flowWords[flow.flowType].slug}.json`, toFile(await documentOf(client, flow.flowType, version)));
    } catch (error) {
      toasts.complain(explain(error));
    }
  };
  const items = [
    ...(may
      ? [
          { label: "Start from a template…", icon: <LayoutTemplate size={16} />, onSelect: () => setOpen("templates") },
          { label: "Import a file…", icon: <Upload size={16} />, onSelect: () => files.current?.click() },
        ]
      : [{ label: "See the templates…", icon: <LayoutTemplate size={16} />, onSelect: () => setOpen("templates") }]),
    { label: "Export the live version", icon: <Download size={16} />, onSelect: () => save() },
    ...(may && flow.draft
      ? [{ label: "Discard the draft…", icon: <Trash2 size={16} />, danger: true, onSelect: () => setOpen("discard") }]
      : []),
  ];
  return (
    <section className="card flow" aria-label={name}>
      <div className="flow-head">
        <div>
          <h2>{name}</h2>
          <p>{about}</p>
        </div>
        <div className="flow-acts">
          <Enabled flow={flow} may={may} />
          <Menu label={`More about ${name}`} icon={<Ellipsis size={18} aria-hidden />} items={items} />
        </div>
      </div>
      <div className="flow-state">
        <Badge tone={flow.isEnabled ? "good" : "plain"}>{flow.isEnabled ? "Enabled" : "Switched off"}</Badge>
        <Badge>{flow.live ? `Version ${flow.live.number}` : "Default flow"}</Badge>
        {flow.draft && (
          <Badge tone={flow.draft.behind ? "warn" : "info"}>{flow.draft.behind ? "Draft of an older version" : "Draft pending"}</Badge>
        )}
      </div>
      <LastChange flow={flow} />
      <dl className="flow-counts">
        <Count label="running" n={flow.executions.running} />
        <Count label="finished" n={flow.executions.finished} />
        <Count label="left alone" n={flow.executions.expired} />
      </dl>
      <div className="flow-foot">
        {flow.draft && may && (
          <Button look="primary" onClick={() => setOpen("publish")}>
            Publish…
          </Button>
        )}
        <Link className="button" to={`/flows/${flow.flowType}/design`}>
          <PencilRuler size={16} aria-hidden />
          {may ? "Design" : "Look inside"}
        </Link>
        <Link className="button" to={`/flows/${flow.flowType}/versions`}>
          <History size={16} aria-hidden />
          Versions
        </Link>
      </div>
      <input
        ref={files}
        type="file"
        accept=".json,application/json"
        hidden
        onChange={({ target }) => {
          const file = target.files?.[0];
          if (file) setOpen({ file });
          target.value = "";
        }}
      />
      {open === "templates" && <Templates flow={flow} onClose={close} />}
      {open === "publish" && <Publish flowType={flow.flowType} onClose={close} />}
      {open === "discard" && <Discard flow={flow} onClose={close} />}
      {typeof open === "object" && <Importing flow={flow} file={open.file} onClose={close} />}
    </section>
  );
}

function Count({ label, n }: { label: string; n: number }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{n.toLocaleString()}</dd>
    </div>
  );
}

function LastChange({ flow: { live, draft } }: { flow: Overview }) {
  const latest: { what: ReactNode; at: string; by: string | undefined }[] = [];
  if (draft) latest.push({ what: "Draft saved", at: draft.saved, by: draft.author?.name });
  if (live) latest.push({ what: "Published", at: live.created, by: live.author?.name });
  if (latest.length === 0) return <p className="flow-change">Nobody has changed it yet.</p>;
  return (
    <div className="flow-change">
      {latest.map(({ what, at, by }) => (
        <div key={at}>
          {what} <When at={at} /> {by ? `by ${by}` : "by the server"}
        </div>
      ))}
    </div>
  );
}

/** Enabled switches a flow on and off. It shows what is asked for until the server has answered. */
function Enabled({ flow, may }: { flow: Overview; may: boolean }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const { name } = flowWords[flow.flowType];
  const switching = useMutation({
    mutationFn: (on: boolean) => enable(client, flow.flowType, on),
    onSuccess: async (_, on) => {
      await changed(queries);
      toasts.say(on ? `${name} is enabled.` : `${name} is switched off. Those who have begun can finish.`);
    },
    onError: (error) => toasts.complain(explain(error)),
  });
  const on = switching.isPending ? switching.variables : flow.isEnabled;
  return <Switch label={`${name} enabled`} on={on} disabled={!may} onChange={(next) => switching.isPending || switching.mutate(next)} />;
}

/** Discard asks before a draft is gone for good. */
function Discard({ flow, onClose }: { flow: Overview; onClose: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const [revision] = useState(flow.draft?.revision ?? 0); // that which the person sees
  const discarding = useMutation({
    mutationFn: () => discardDraft(client, flow.flowType, revision),
    onSuccess: () => {
      void changed(queries);
      toasts.say("The draft is gone.");
      onClose();
    },
  });
  return (
    <Dialog
      title="Discard the draft?"
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" running={discarding.isPending} onClick={() => discarding.mutate()}>
            Discard
          </Button>
        </>
      }
    >
      {discarding.isError && <Notice tone="bad">{explain(discarding.error)}</Notice>}
      <p>
        What was changed in it{flow.draft?.author ? `, last by ${flow.draft.author.name},` : ""} is lost. The live version stays as it is.
      </p>
    </Dialog>
  );
}
