import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { When } from "../../ui/shown";
import type { Loaded } from "../api";
import { compare, type Difference } from "../model/compare";
import type { Editor } from "../model/editor";
import { type Flow, NotAFlow, readFlow, writeFlow } from "../model/flow";
import { useDeclared } from "../state/context";
import type { Saver } from "./saver";
import { useSaveState } from "./status";

/** Conflict asks what is to become of a draft that somebody else has changed meanwhile. Whatever is chosen, nothing of one's own is lost. */
export function Conflict({ editor, saver, flowType }: { editor: Editor; saver: Saver; flowType: string }) {
  const state = useSaveState(saver);
  const { meta } = useDeclared();
  if (state.kind !== "conflict") return null;
  const { theirs } = state;
  const other = read(theirs);
  const take = () => {
    if (!other || !saver.giveWay()) return;
    // An edit like any other: undoing it brings one's own state back, and saves that.
    editor.do({ label: "Take over the other draft", apply: () => other, select: [] });
  };
  const foot = (
    <>
      <Button onClick={() => download(`${flowType.toLowerCase()}-mine.json`, writeFlow(editor.flow, 2))}>Download mine</Button>
      <Button disabled={!other} onClick={take}>
        {theirs.draft ? "Take theirs" : "Take what is live"}
      </Button>
      <Button look="primary" onClick={() => void saver.overwrite()}>
        Keep mine
      </Button>
    </>
  );
  return (
    <Dialog title="Somebody else has changed this draft" foot={foot}>
      <p>
        <Who theirs={theirs} /> Your changes are still here. You can save them over that, or go on from there: undoing that brings yours
        back.
      </p>
      {other ? <Differences list={compare(other, editor.flow, meta)} /> : <p>What is there now cannot be read as a flow.</p>}
    </Dialog>
  );
}

function Who({ theirs: { draft } }: { theirs: Loaded }) {
  if (!draft) return <>The draft was published or discarded.</>;
  return (
    <>
      {draft.author?.name ?? "Somebody"} saved it <When at={draft.saved} />.
    </>
  );
}

function Differences({ list }: { list: readonly Difference[] }) {
  if (list.length === 0) return <p>Yours says the same as theirs; only steps may stand elsewhere.</p>;
  return (
    <section>
      <h3>What yours has that is different</h3>
      <ul className="differences">
        {list.map((one) => (
          <li key={one.kind + one.what}>
            {one.what} <span className="hint">{one.kind}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function read(theirs: Loaded): Flow | undefined {
  try {
    return readFlow(theirs.text);
  } catch (error) {
    if (error instanceof NotAFlow) return undefined;
    throw error;
  }
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
