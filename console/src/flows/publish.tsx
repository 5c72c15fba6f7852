import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useClient } from "../api/context";
import { changed, draftOf, overviewOf, publish } from "../api/flows";
import { explain, Refused } from "../api/problem";
import type { FlowProblem, FlowType, Version } from "../api/types";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { TextArea } from "../ui/field";
import { Loading, Notice, Skeleton, When } from "../ui/shown";
import { useToasts } from "../ui/toast";
import { Changes } from "./changes";
import { flowWords, plural } from "./words";

export interface PublishProps {
  flowType: FlowType;
  onClose: () => void;
  /** Called when the draft of the revision is live. */
  onPublished?: (version: Version, revision: number) => void;
}

/**
 * Publish shows what the draft changes and makes it live. Whoever would publish over a version that they have not seen is told whose it is, and what
 * the draft would change of it.
 */
export function Publish({ flowType, onClose, onPublished }: PublishProps) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const [note, setNote] = useState("");
  const draft = useQuery(draftOf(client, flowType));
  const overview = useQuery(overviewOf(client));
  // What was live when the dialog was opened is what the author has seen; what was published since, they are told of first.
  const [seen, setSeen] = useState<number>();
  const state = overview.data?.find((one) => one.flowType === flowType);
  const live = state?.live?.number ?? 0;
  if (seen === undefined && state) setSeen(state.draft?.behind ? state.draft.base : live);
  const other = seen !== undefined && seen !== live ? (state?.live ?? undefined) : undefined;
  const publishing = useMutation({
    mutationFn: async (over: number) => {
      const revision = draft.data?.revision ?? 0;
      return { revision, version: await publish(client, { flowType, revision, note: note.trim(), over }) };
    },
    onSuccess: ({ version, revision }) => {
      toasts.say(`Version ${version.number} of ${flowWords[flowType].name} is live.`);
      void changed(queries);
      onPublished?.(version, revision);
      onClose();
    },
  });
  const problems = draft.data?.problems ?? refusedFor(publishing.error);
  return (
    <Dialog
      wide
      title={`Publish ${flowWords[flowType].name.toLowerCase()}`}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look={other ? "danger" : "primary"}
            running={publishing.isPending}
            disabled={!draft.data || !state || problems.length > 0}
            onClick={() => publishing.mutate(live)}
          >
            {other ? `Publish over version ${other.number}` : "Publish"}
          </Button>
        </>
      }
    >
      {other && (
        <Notice tone="warn">
          {other.author?.name ?? "The server"} published version {other.number} <When at={other.created} /> , after this draft was begun
          {seen ? ` from version ${seen}` : ""}. Publishing takes back what differs below{other.note && `. They noted: “${other.note}”`}.
        </Notice>
      )}
      {problems.length > 0 && <Problems problems={problems} />}
      {publishing.isError && problems.length === 0 && !(other && conflict(publishing.error)) && (
        <Notice tone="bad">{explain(publishing.error)}</Notice>
      )}
      {draft.isError && <Notice tone="bad">{explain(draft.error)}</Notice>}
      {draft.isPending ? (
        <Loading>
          <Skeleton height="8rem" />
        </Loading>
      ) : (
        draft.isSuccess && <Changes key={`${live}-${draft.data.revision}`} flowType={flowType} from="live" to="draft" />
      )}
      <TextArea
        label="Note"
        optional
        hint="What changes, and why, for those who come after."
        maxLength={1000}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
    </Dialog>
  );
}

const conflict = (error: unknown) => error instanceof Refused && error.status === 409;

function refusedFor(error: unknown): FlowProblem[] {
  if (!(error instanceof Refused) || !Array.isArray(error.problem.errors)) return [];
  return error.problem.errors as FlowProblem[];
}

/** Problems says why a flow cannot run. */
export function Problems({ problems }: { problems: FlowProblem[] }) {
  return (
    <Notice tone="bad">
      The draft cannot run yet: {plural(problems.length, "problem")}.
      <ul className="problems">
        {problems.map((one) => (
          <li key={[one.code, one.stepId, one.componentId, one.message].join(" ")}>
            {one.stepId && `Step “${one.stepId}”: `}
            {one.message}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
