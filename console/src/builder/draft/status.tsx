import { Check, CloudOff, LoaderCircle, TriangleAlert } from "lucide-react";
import { useSyncExternalStore } from "react";
import { Button } from "../../ui/button";
import type { Saver, SaveState } from "./saver";

export const useSaveState = (saver: Saver): SaveState => useSyncExternalStore(saver.subscribe, saver.state);

const looks = {
  saved: Check,
  unsaved: LoaderCircle,
  saving: LoaderCircle,
  offline: CloudOff,
  conflict: TriangleAlert,
  refused: TriangleAlert,
};

/** SaveStatus says whether the server has what is shown. */
export function SaveStatus({ saver }: { saver: Saver }) {
  const state = useSaveState(saver);
  const Icon = looks[state.kind];
  return (
    <span className={`save save-${state.kind}`}>
      <Icon size={16} aria-hidden />
      {/* What comes and goes while somebody types is not read out each time. */}
      <span role={state.kind === "saved" || state.kind === "unsaved" || state.kind === "saving" ? undefined : "alert"}>{words(state)}</span>
      {state.kind === "refused" && <Button onClick={() => void saver.flush()}>Try again</Button>}
    </span>
  );
}

function words(state: SaveState): string {
  switch (state.kind) {
    case "saved":
      return state.at === undefined ? "No changes" : "Draft saved";
    case "unsaved":
    case "saving":
      return "Saving …";
    case "offline":
      return "Offline. Your changes are kept here.";
    case "conflict":
      return "Changed by somebody else";
    case "refused":
      return `Not saved. ${state.why}`;
  }
}
