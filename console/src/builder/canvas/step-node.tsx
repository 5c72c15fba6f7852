import { Handle, type Node, type NodeProps, Position, useUpdateNodeInternals } from "@xyflow/react";
import { CircleAlert, Flag, PanelTop, Play, Zap } from "lucide-react";
import { memo, useContext, useEffect, useRef } from "react";
import { iconOf } from "../icons";
import { componentsOf, idOf, key, type Step, typeOf } from "../model/flow";
import { executorOf, executorWords } from "../model/meta";
import { stepKind, wordsOfStep } from "../model/words";
import { AtContext, LitContext, useDeclared } from "../state/context";
import { useTrouble } from "../state/trouble";
import { inlet } from "./edges";
import { Outlet } from "./outlet";
import { PieceList } from "./piece";

/** Counts how often steps are drawn; tests look at it. */
export const drawn = { count: 0 };

/** StepNodeView is a step on the canvas: its page in miniature, or what it runs. */
export const StepNodeView = memo(function StepNodeView({ id, data: { step } }: NodeProps<Node<{ step: Step }>>) {
  drawn.count++;
  const { meta } = useDeclared();
  const remeasure = useUpdateNodeInternals();
  const measured = useRef(step);
  useEffect(() => {
    // Buttons that changed places have their lines begin elsewhere. The first time all steps are measured together.
    if (measured.current !== step) remeasure(id);
    measured.current = step;
  }, [step, id, remeasure]);
  const lit = useContext(LitContext).has(idOf(step));
  const at = useContext(AtContext) === idOf(step);
  const type = typeOf(step);
  const Icon = { EXECUTION: Zap, END: Flag }[type] ?? PanelTop;
  return (
    <div className={`step step-${type.toLowerCase()}`} data-lit={lit || undefined} data-at={at || undefined}>
      <Handle type="target" position={Position.Left} id={inlet} className="inlet" aria-hidden />
      <header className="step-head">
        <Icon size={15} aria-hidden />
        <span className="step-name">{wordsOfStep(step, meta)}</span>
        <Trouble of={step[key]} />
        {at && (
          <span className="step-at">
            <Play size={12} aria-hidden /> Here
          </span>
        )}
        <span className="visually-hidden">{stepKind(step)}</span>
      </header>
      {(type !== "EXECUTION" || componentsOf(step).length > 0) && (
        <PieceList step={step[key]} holder={step[key]} components={componentsOf(step)} outlets={type === "VIEW"} />
      )}
      {type !== "VIEW" && <Runs step={step} />}
    </div>
  );
});

/** Runs shows what a task does, or what is done at the end. */
function Runs({ step }: { step: Step }) {
  const { meta } = useDeclared();
  const name = step.data?.action?.executor?.name;
  const Icon = iconOf(name ? executorOf(meta, name)?.icon : undefined);
  const leads = typeOf(step) === "EXECUTION";
  if (!leads && !name) return null;
  return (
    <div className="step-runs">
      <Icon size={14} aria-hidden />
      {name ? executorWords(meta, name) : "Runs nothing yet"}
      {leads && <Outlet of={step[key]} />}
    </div>
  );
}

function Trouble({ of }: { of: string }) {
  const count = useTrouble(of);
  if (count === 0) return null;
  return (
    <span className="step-trouble">
      <CircleAlert size={14} aria-hidden /> {count}
      <span className="visually-hidden">{count === 1 ? " problem" : " problems"}</span>
    </span>
  );
}

/** EndView stands for the end of a flow that has no step for it. */
export const EndView = memo(function EndView() {
  return (
    <div className="step step-end step-bare">
      <Handle type="target" position={Position.Left} id={inlet} className="inlet" aria-hidden />
      <header className="step-head">
        <Flag size={15} aria-hidden />
        <span className="step-name">End</span>
      </header>
    </div>
  );
});
