import { CircleCheck, WifiOff } from "lucide-react";
import { Button } from "../../ui/button";
import { type Key, key } from "../model/flow";
import { grouped } from "../model/grouped";
import { fixesOf } from "../model/problems/fixes";
import type { Problem } from "../model/problems/problem";
import { keyOf, placeOf } from "../model/problems/problem";
import { explain } from "../model/problems/words";
import { wordsOfStep } from "../model/words";
import { useBench, useChecked, useDeclared, useFlow } from "../state/context";

/** Problems lists what keeps the flow from running, step by step, in words; each can be shown, and put right where it is known how. */
export function Problems() {
  const { problems, state } = useChecked();
  const flow = useFlow();
  const groups = grouped(problems, (problem) => placeOf(flow, problem).step?.[key]);
  const order = [undefined, ...flow.steps.map((step) => step[key])];
  const sorted = [...groups].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  return (
    <div className="problems">
      {state === "offline" && (
        <p className="problems-state">
          <WifiOff size={16} aria-hidden /> The server cannot be asked now. This is what it said last.
        </p>
      )}
      {state === "checking" && <p className="problems-state">Checking …</p>}
      {state === "current" && problems.length === 0 && (
        <p className="problems-state problems-none">
          <CircleCheck size={16} aria-hidden /> Nothing keeps this flow from running.
        </p>
      )}
      {sorted.map(([of, list]) => (
        <Group key={of ?? "flow"} of={of} problems={list} />
      ))}
    </div>
  );
}

function Group({ of, problems }: { of: Key | undefined; problems: readonly Problem[] }) {
  const { meta } = useDeclared();
  const flow = useFlow();
  const step = flow.steps.find((one) => one[key] === of);
  return (
    <section>
      <h2 className="problems-step">{step ? wordsOfStep(step, meta) : "The whole flow"}</h2>
      <ul className="problem-list">
        {[...new Map(problems.map((problem) => [keyOf(problem), problem]))].map(([id, problem]) => (
          <One key={id} problem={problem} />
        ))}
      </ul>
    </section>
  );
}

function One({ problem }: { problem: Problem }) {
  const { editor, show, readOnly } = useBench();
  const { meta } = useDeclared();
  const flow = useFlow();
  const place = placeOf(flow, problem);
  const fixes = readOnly ? [] : fixesOf(flow, problem, meta);
  const words = explain(flow, problem, meta);
  return (
    <li className="problem">
      <p title={`${problem.code}: ${problem.message}`}>{words}</p>
      <div className="problem-acts">
        {place.key !== undefined && (
          <Button aria-label={`Show: ${words}`} onClick={() => place.key !== undefined && show(place.key)}>
            Show
          </Button>
        )}
        {fixes.map((fix) => (
          <Button key={fix.label} look="primary" onClick={() => editor.do(fix.edit)}>
            {fix.label}
          </Button>
        ))}
      </div>
    </li>
  );
}
