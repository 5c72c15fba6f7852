import { ArrowDown, ArrowUp, Play } from "lucide-react";
import { Button, IconButton } from "../../ui/button";
import { nudge } from "../model/edit/components";
import { startWith } from "../model/edit/steps";
import { type Component, componentsOf, idOf, key, kindOf, type Step, typeOf } from "../model/flow";
import { firstOf, linksOf } from "../model/links";
import { kindWords, stepKind, wordsOfComponent, wordsOfStep } from "../model/words";
import { useBench, useDeclared, useFlow } from "../state/context";
import { ActionFields } from "./action";
import { IdField } from "./id-field";
import { Unknown } from "./unknown";

/** StepProperties shows a step: what it is called, runs and holds. */
export function StepProperties({ step }: { step: Step }) {
  const { meta } = useDeclared();
  const type = typeOf(step);
  return (
    <>
      <h2>
        {stepKind(step)}: {wordsOfStep(step, meta)}
      </h2>
      <IdField of={step[key]} />
      {type !== "VIEW" && <ActionFields of={step[key]} action={step.data?.action ?? undefined} leads={type === "EXECUTION"} />}
      <First step={step} />
      <Content step={step} />
      <Unknown holder={step} known={["id", "type", "data", "position", "size"]} />
      <Unknown holder={step.data} known={["components", "action"]} />
    </>
  );
}

/** First says whether the flow begins here, and lets it, where several steps could. */
function First({ step }: { step: Step }) {
  const { editor } = useBench();
  const flow = useFlow();
  if (firstOf(flow) === step) return <p className="hint">The flow begins here.</p>;
  const entered = linksOf(flow).some((link) => link.target === step[key] && link.source !== step[key]);
  if (entered || typeOf(step) === "END") return null;
  return (
    <Button onClick={() => editor.do(startWith(step[key]))}>
      <Play size={16} aria-hidden /> Let the flow begin here
    </Button>
  );
}

/** Content lists what is on a page, for going there and for moving it without dragging. */
function Content({ step }: { step: Step }) {
  const list = componentsOf(step);
  if (list.length === 0)
    return <p className="hint">{typeOf(step) === "EXECUTION" ? "It has no page." : "The page is empty. Add something from the left."}</p>;
  return (
    <section>
      <h3>On the page</h3>
      <Entries list={list} />
    </section>
  );
}

function Entries({ list }: { list: readonly Component[] }) {
  return (
    <ul className="content">
      {list.map((component, i) => (
        <li key={component[key]}>
          <Entry component={component} first={i === 0} last={i === list.length - 1} />
          {componentsOf(component).length > 0 && <Entries list={componentsOf(component)} />}
        </li>
      ))}
    </ul>
  );
}

function Entry({ component, first, last }: { component: Component; first: boolean; last: boolean }) {
  const { editor, show } = useBench();
  const { meta } = useDeclared();
  const of = component[key];
  const name = kindOf(component) === "FORM" ? "Form" : wordsOfComponent(component, meta) || idOf(component);
  return (
    <div className="content-entry">
      <button
        type="button"
        className="content-name"
        onClick={() => show(of)}
        title={kindWords(component.type ?? "", component.variant ?? "")}
      >
        {name}
      </button>
      <IconButton label={`Move ${name} up`} disabled={first} onClick={() => editor.do(nudge(editor.flow, of, -1))}>
        <ArrowUp size={15} />
      </IconButton>
      <IconButton label={`Move ${name} down`} disabled={last} onClick={() => editor.do(nudge(editor.flow, of, 1))}>
        <ArrowDown size={15} />
      </IconButton>
    </div>
  );
}
