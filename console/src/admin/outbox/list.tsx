import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { useClient } from "../../api/context";
import { explain } from "../../api/problem";
import { useSelf } from "../../auth/context";
import { Button } from "../../ui/button";
import { Select } from "../../ui/field";
import { words } from "../../ui/schema";
import { Badge, Empty, When } from "../../ui/shown";
import { Table } from "../../ui/table";
import { useToasts } from "../../ui/toast";
import { Confirm } from "../asking";
import { Answered, More, Page } from "../page";
import { may } from "../scopes";
import { changed, drop, type Message, messagesOf, retry } from "./api";
import { isFree, isState, isWorthIt, states, wayOf } from "./describe";
import "./outbox.css";

const options = [{ value: "", label: "Any state" }, ...Object.entries(states).map(([value, { label }]) => ({ value, label }))];

/** The page of the messages that wait, failed or were sent lately. Its address has the state. */
export function Component() {
  const [query, setQuery] = useSearchParams();
  const [dropping, setDropping] = useState<Message>();
  const asked = query.get("state") ?? "";
  const state = isState(asked) ? asked : "";
  const list = useInfiniteQuery(messagesOf(useClient(), state));
  const choose = (next: string) => setQuery(next ? { state: next } : {}, { replace: true });
  return (
    <Page title="Outbox" about="Messages that wait, failed, or were sent within the last two days. What they say is not shown.">
      <div className="list-head">
        <Select label="State" value={state} options={options} onChange={({ target }) => choose(target.value)} />
      </div>
      <Answered query={list}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.messages);
          const delivery = pages[0]?.delivery;
          const way = delivery && wayOf(delivery);
          if (rows.length === 0)
            return (
              <div className="card">
                <Empty
                  title={state ? `No message is in the state “${states[state].label}”` : "No message was queued lately"}
                  action={state && <Button onClick={() => choose("")}>Show all</Button>}
                >
                  {way}
                </Empty>
              </div>
            );
          return (
            <>
              <p className="list-count">{way}</p>
              <div className="card list">
                <Table label="Messages, the last queued first" rows={rows} rowKey={(row) => row.id} columns={columns(setDropping)} />
              </div>
            </>
          );
        }}
      </Answered>
      <More query={list} />
      {dropping && <Drop message={dropping} onClose={() => setDropping(undefined)} />}
    </Page>
  );
}

const columns = (onDrop: (message: Message) => void) => [
  {
    label: "Message",
    cell: (row: Message) => (
      <>
        {row.template ? words(row.template) : "Cannot be opened"}
        <small>{row.channel === "sms" ? "Text message" : row.channel && "E-mail"}</small>
        {row.to && <small>to {row.to}</small>}
      </>
    ),
  },
  { label: "Queued", cell: (row: Message) => (row.queuedAt ? <When at={row.queuedAt} /> : "—") },
  {
    label: "State",
    cell: (row: Message) => (
      <>
        <Badge tone={states[row.state].tone}>{states[row.state].label}</Badge>
        {row.attempts > 0 && (
          <small>
            {row.attempts === 1 ? "1 attempt" : `${row.attempts} attempts`}
            {row.nextAttemptAt && (
              <>
                , next <Until at={row.nextAttemptAt} />
              </>
            )}
          </small>
        )}
        {row.state !== "delivered" && row.failure && <small>{row.failure}</small>}
        <Actions message={row} onDrop={onDrop} />
      </>
    ),
  },
];

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/** Until says when something will be; seconds count here. */
function Until({ at }: { at: string }) {
  const seconds = Math.max(Math.round((Date.parse(at) - Date.now()) / 1000), 0);
  return (
    <time dateTime={at}>{seconds < 60 ? relative.format(seconds, "second") : relative.format(Math.round(seconds / 60), "minute")}</time>
  );
}

/** nameOf names a message to those who hear of its buttons. */
const nameOf = ({ template = "message", to }: Message) => (to ? `${template} to ${to}` : template);

function Actions({ message, onDrop }: { message: Message; onDrop: (message: Message) => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const self = useSelf();
  const trying = useMutation({
    mutationFn: () => retry(client, message.id),
    onSuccess: () => {
      toasts.say("It is tried again now.");
      void changed(queries);
    },
    onError: (error) => toasts.complain(explain(error)),
  });
  if (!isFree(message)) return null;
  return (
    <div className="outbox-actions">
      {self.may(may.updateOutbox) && isWorthIt(message) && (
        <Button aria-label={`Try again now: ${nameOf(message)}`} running={trying.isPending} onClick={() => trying.mutate()}>
          Try again
        </Button>
      )}
      {self.may(may.deleteOutbox) && (
        <Button look="danger" aria-label={`Drop: ${nameOf(message)}`} onClick={() => onDrop(message)}>
          Drop…
        </Button>
      )}
    </div>
  );
}

function Drop({ message, onClose }: { message: Message; onClose: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const dropping = useMutation({
    mutationFn: () => drop(client, message.id),
    onSuccess: () => {
      toasts.say("It will not be sent.");
      void changed(queries);
      onClose();
    },
  });
  return (
    <Confirm title={`Drop ${nameOf(message)}?`} label="Drop" doing={dropping} onClose={onClose}>
      It will not be sent, and cannot be brought back. Whoever waits for it has to ask for another one.
    </Confirm>
  );
}
