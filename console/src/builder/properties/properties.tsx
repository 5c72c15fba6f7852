import { Copy, Trash2 } from "lucide-react";
import { Button } from "../../ui/button";
import { duplicate } from "../model/clip";
import { addEnd, remove } from "../model/edit/steps";
import { placesOf } from "../model/layout";
import { noEnd } from "../model/links";
import { look } from "../model/look";
import { useBench, useFlow, useSelection } from "../state/context";
import { ComponentProperties } from "./component";
import { Help } from "./help";
import { StepProperties } from "./step";

/** Properties shows what is selected, for changing it. */
export function Properties() {
  const { readOnly } = useBench();
  const flow = useFlow();
  const selection = useSelection();
  const [one, ...others] = selection;
  if (one === undefined) return <Help />;
  const index = look(flow);
  const step = index.steps.get(one)?.step;
  const component = index.components.get(one);
  return (
    <fieldset className="properties" disabled={readOnly}>
      <legend className="visually-hidden">Properties</legend>
      {others.length > 0 && <p>{selection.length} are selected.</p>}
      {others.length === 0 && step && <StepProperties key={one} step={step} />}
      {others.length === 0 && component && <ComponentProperties key={one} component={component.component} step={component.step} />}
      {one === noEnd && others.length === 0 ? <EndProperties /> : <Acts />}
    </fieldset>
  );
}

/** Acts are what can be done to all that is selected. */
function Acts() {
  const { editor } = useBench();
  return (
    <div className="acts">
      <Button onClick={() => editor.do(duplicate(editor.flow, editor.selection))}>
        <Copy size={16} aria-hidden /> Duplicate
      </Button>
      <Button look="danger" onClick={() => editor.do(remove(editor.selection))}>
        <Trash2 size={16} aria-hidden /> Delete
      </Button>
    </div>
  );
}

function EndProperties() {
  const { editor } = useBench();
  const add = () => editor.do(addEnd(placesOf(editor.flow).get(noEnd) ?? { x: 0, y: 0 }));
  return (
    <>
      <h2>End</h2>
      <p className="hint">The flow ends here. People go on to the application that they came from.</p>
      <Button onClick={add}>Give the end a page</Button>
    </>
  );
}
