import { useInfiniteQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useSearchParams } from "react-router";
import { useClient } from "../../api/context";
import { Button } from "../../ui/button";
import { Field, Input } from "../../ui/field";
import { Empty, When } from "../../ui/shown";
import { Table } from "../../ui/table";
import { Answered, More, Page } from "../page";
import { useSettled } from "../settled";
import { type Entry, entriesOf } from "./api";
import { actorWords, Detail, kindWords } from "./detail";
import { filterOf, type Name, withValue } from "./filter";

/** The page of what was changed, by whom and when. Its address has the filter. */
export function Component() {
  const [query, setQuery] = useSearchParams();
  const [open, setOpen] = useState<Entry>();
  const filter = filterOf(new URLSearchParams(useSettled(query.toString())));
  const log = useInfiniteQuery(entriesOf(useClient(), filter));
  const rows = log.data?.pages.flatMap((page) => page.entries) ?? [];
  const list = useId();
  const about = (name: Name) => ({
    value: query.get(name) ?? "",
    onChange: ({ target }: { target: HTMLInputElement }) => setQuery(withValue(query, name, target.value), { replace: true }),
  });
  return (
    <Page
      title="Audit log"
      about="Who changed what, over a management API, on the command line or about themselves in a flow. No entry can be changed or taken out before its time."
    >
      <search className="filter" aria-label="Filter">
        <Input label="From" type="datetime-local" {...about("from")} />
        <Input label="Until" type="datetime-local" {...about("until")} />
        <Input label="Who" hint="User name or id, as a whole." {...about("actor")} />
        <Field label="What was done" hint="As a whole: flow.published">
          {(belonging) => <input className="input" list={list} {...belonging} {...about("kind")} />}
        </Field>
        <Input label="To what" hint="Its id or name, as a whole." {...about("target")} />
      </search>
      <datalist id={list}>
        {[...new Set(rows.map((row) => row.kind))].sort().map((kind) => (
          <option key={kind} value={kind} />
        ))}
      </datalist>
      <Answered query={log}>
        {() =>
          rows.length === 0 ? (
            <div className="card">
              <Empty
                title={query.size > 0 ? "No change is like this" : "Nobody has changed anything yet"}
                action={query.size > 0 && <Button onClick={() => setQuery({}, { replace: true })}>Show all</Button>}
              />
            </div>
          ) : (
            <div className="card list">
              <Table
                label="Changes, the newest first"
                rows={rows}
                rowKey={(row) => `${row.at} ${row.kind} ${row.target} ${row.actor.id}`}
                columns={[
                  { label: "When", cell: (row) => <When at={row.at} /> },
                  { label: "Who", cell: (row) => actorWords(row) },
                  { label: "What", cell: (row) => kindWords(row.kind) },
                  { label: "To what", cell: (row) => <code>{row.target}</code> },
                  {
                    label: <span className="visually-hidden">Detail</span>,
                    end: true,
                    cell: (row) => (
                      <Button look="quiet" aria-label={`Detail: ${kindWords(row.kind)}, ${row.target}`} onClick={() => setOpen(row)}>
                        Detail
                      </Button>
                    ),
                  },
                ]}
              />
            </div>
          )
        }
      </Answered>
      <More query={log} />
      {open && <Detail entry={open} onClose={() => setOpen(undefined)} />}
    </Page>
  );
}
