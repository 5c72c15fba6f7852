import "@xyflow/react/dist/base.css";
import "./builder.css";
import "./canvas/canvas.css";
import "./panels.css";
import { type ReactNode, useMemo } from "react";
import { Button } from "../ui/button";
import { Empty, Loading, Notice, Skeleton } from "../ui/shown";
import type { BuilderApi, Saved } from "./api";
import { useDraft } from "./draft/use-draft";
import { Workbench } from "./workbench";

export interface BuilderProps {
  flowType: string;
  /** It has to stay the same object: another one is another server. */
  api: BuilderApi;
  /** The person may look, but not change. */
  readOnly?: boolean;
  /** Ids of the steps that a trial run has gone through, which are lit up. */
  lit?: readonly string[];
  /** The id of the step where it is now. */
  at?: string | undefined;
  /** What is at the beginning of the toolbar, the way back. */
  start?: ReactNode;
  /** Buttons at the end of the toolbar, to publish and to try. */
  actions?: ReactNode;
  /** What is beside the canvas; while it is shown the canvas has less around it. Else it is kept as it is, unseen. */
  beside?: ReactNode;
  besideShown?: boolean;
  /** Called with each state of the draft that the server has stored. */
  onSaved?: (saved: Saved) => void;
}

const none: readonly string[] = [];

/** Builder is where a flow is designed. What is put into its slots may useOutside. */
export function Builder({ flowType, api, readOnly = false, lit = none, at, onSaved, ...slots }: BuilderProps) {
  const draft = useDraft(flowType, api, { readOnly, onSaved });
  const steps = useMemo(() => new Set(lit), [lit]);
  switch (draft.state) {
    case "loading":
      return (
        <Loading>
          <Skeleton height="70vh" />
        </Loading>
      );
    case "failed":
      return (
        <Empty title="The flow could not be read" action={<Button onClick={draft.again}>Try again</Button>}>
          {draft.why}
        </Empty>
      );
    case "unreadable":
      return (
        <>
          <Notice tone="bad">This draft cannot be drawn. {draft.why} It is as it was; put it right by import, or discard it.</Notice>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it may have to be scrolled */}
          <pre tabIndex={0}>{draft.text}</pre>
        </>
      );
    case "ready":
      return <Workbench {...draft} {...slots} flowType={flowType} readOnly={readOnly} lit={steps} at={at} />;
  }
}
