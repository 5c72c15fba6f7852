import { Dialog } from "../../ui/dialog";
import { words } from "../../ui/schema";
import { Table } from "../../ui/table";
import type { Entry } from "./api";
import { type Member, membersOf } from "./changes";

/** kindWords says what was done: flow.published is "Flow published". */
export const kindWords = (kind: string): string => words(kind.replace(/\./g, " "));

/** actorWords says who it was. Those who act in flows have no name here. */
export const actorWords = ({ actor, target }: Entry): string =>
  actor.name || (actor.id === "" ? "Nobody knows" : actor.id === target ? "The user" : actor.id);

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "long" });

/** Detail shows an entry whole, with what it changed. */
export function Detail({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  const members = membersOf(entry.before, entry.after);
  return (
    <Dialog wide title={kindWords(entry.kind)} onClose={onClose}>
      <dl className="facts">
        <div>
          <dt>When</dt>
          <dd>
            <time dateTime={entry.at}>{exact.format(new Date(entry.at))}</time>
          </dd>
        </div>
        <div>
          <dt>Who</dt>
          <dd>
            {actorWords(entry)} <code>{entry.actor.id}</code>
          </dd>
        </div>
        <div>
          <dt>What</dt>
          <dd>
            <code>{entry.kind}</code>
          </dd>
        </div>
        <div>
          <dt>To what</dt>
          <dd>
            <code>{entry.target}</code>
          </dd>
        </div>
      </dl>
      {members.length === 0 ? (
        <p>Nothing more is kept of it.</p>
      ) : (
        <div className="audit-members">
          <Table label="What it changed" rows={members} rowKey={(row) => row.path} columns={columns} />
        </div>
      )}
    </Dialog>
  );
}

const side = (text: string | undefined) => (text === undefined ? "—" : <pre>{text}</pre>);

const columns = [
  { label: "Member", cell: (row: Member) => <code>{row.path}</code> },
  { label: "Before", cell: (row: Member) => side(row.before) },
  { label: "After", cell: (row: Member) => side(row.after) },
];
