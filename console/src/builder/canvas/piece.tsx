import { type DragEvent, type MouseEvent, memo, useSyncExternalStore } from "react";
import type { Editor } from "../model/editor";
import { type Component, componentsOf, type Key, key, kindOf } from "../model/flow";
import { stepOf } from "../model/look";
import { kindWords, wordsOfComponent } from "../model/words";
import { useBench, useDeclared, useEditor, useSelected } from "../state/context";
import { useTrouble } from "../state/trouble";
import { endDrag, spotIn, startDrag, watchDrag } from "./drag";
import { Miniature } from "./miniature";
import { Outlet } from "./outlet";

export interface PieceListProps {
  step: Key;
  /** The step, or the component that holds these. */
  holder: Key;
  components: readonly Component[];
  /** Buttons of a page lead somewhere; those of a task belong to its one action. */
  outlets: boolean;
}

/** PieceList shows the components of a page or form, and where one that is dragged would fall. */
export function PieceList({ step, holder, components, outlets }: PieceListProps) {
  const spot = useSyncExternalStore(watchDrag, () => spotIn(holder));
  return (
    <div className="pieces" data-holder={holder} data-empty={components.length === 0 || undefined}>
      {components.map((component, i) => (
        <Piece key={component[key]} step={step} component={component} outlets={outlets} before={spot === i} />
      ))}
      {spot === components.length && <div className="drop-line" />}
    </div>
  );
}

interface PieceProps {
  step: Key;
  component: Component;
  outlets: boolean;
  /** What is dragged would fall before it. */
  before: boolean;
}

/** Piece is a component on the canvas: seen as people will see it, selected by a click, moved by dragging. */
const Piece = memo(function Piece({ step, component, outlets, before }: PieceProps) {
  const { editor, readOnly } = useBench();
  const { meta } = useDeclared();
  const of = component[key];
  const selected = useSelected(of);
  const trouble = useTrouble(of);
  const reachable = useEditor((now) => chosenStep(now) === step);
  const click = (event: MouseEvent) => {
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.shiftKey) editor.toggle(of);
    else editor.select([of]);
  };
  const drag = (event: DragEvent) => {
    const { selection } = editor;
    startDrag(event, { keys: selection.includes(of) ? selection.filter((one) => !one.startsWith("step-")) : [of] });
  };
  const holds = kindOf(component) === "FORM" || componentsOf(component).length > 0;
  const [written, says] = [wordsOfComponent(component), wordsOfComponent(component, meta)];
  const name = `${says}, ${kindWords(component.type ?? "", component.variant ?? "")}${trouble > 0 ? ", has problems" : ""}`;
  const stop = reachable ? 0 : -1; // its keys are those of the whole canvas, see keys.ts
  const shared = {
    className: "piece nodrag",
    "data-key": of,
    "data-selected": selected || undefined,
    "data-trouble": trouble > 0 || undefined,
    "aria-label": name,
    title: written === says ? undefined : written, // the key
    draggable: !readOnly,
    onDragStart: drag,
    onDragEnd: endDrag,
    onClick: click,
  };
  return (
    <>
      {before && <div className="drop-line" />}
      <div className="piece-row" data-entry>
        {holds ? (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be dragged
          <div {...shared} role="group" tabIndex={stop}>
            <PieceList step={step} holder={of} components={componentsOf(component)} outlets={outlets} />
          </div>
        ) : (
          // biome-ignore lint/a11y/useSemanticElements: what is in a button element cannot be dragged everywhere
          <div {...shared} role="button" tabIndex={stop} aria-pressed={selected}>
            <Miniature component={component} />
          </div>
        )}
        {outlets && kindOf(component) === "BUTTON" && <Outlet of={of} />}
      </div>
    </>
  );
});

/** chosenStep is the step that Tab goes into: the one that is selected, or has what is. */
function chosenStep({ flow, selection }: Editor): Key | undefined {
  const last = selection.at(-1);
  return last === undefined ? undefined : stepOf(flow, last)?.[key];
}
