import { type Flow, idOf, isStepKey, type Key, key, type Step } from "../flow";
import { look, within } from "../look";

/** Problem is what keeps a flow from running, as the server says it. */
export interface Problem {
  code: string;
  message: string;
  stepId?: string;
  componentId?: string;
}

/** Place is where a problem is: what is to be shown and selected. */
export interface Place {
  /** The step; undefined where the flow as a whole is meant. */
  step: Step | undefined;
  /** The component, else the step; undefined as above. */
  key: Key | undefined;
}

/** placeOf finds a problem's place. Of two with the same id the last is meant: it came later, and is the one to change. */
export function placeOf(flow: Flow, problem: Problem): Place {
  const { stepId = "", componentId = "" } = problem;
  const ids = look(flow).ids;
  const steps = flow.steps.filter((step) => idOf(step) === stepId);
  if (componentId !== "") {
    const holder = steps.findLast((step) => within(step).some((one) => idOf(one) === componentId));
    const component = holder && within(holder).findLast((one) => idOf(one) === componentId);
    if (component) return { step: holder, key: component[key] };
  }
  if (stepId === "" && problem.code !== missing && problem.code !== unreached) return { step: undefined, key: undefined };
  const nameless = problem.code === missing ? steps.flatMap(within).find((one) => idOf(one) === "") : undefined;
  const doubled = problem.code === twice ? ids.get(stepId)?.findLast(isStepKey) : undefined;
  const step = steps.find((one) => one[key] === doubled) ?? steps[0];
  return { step, key: (nameless ?? step)?.[key] };
}

/** Codes of ids that are missing and that stand for two things, and of steps that nothing leads to; see the engine's compiler. */
export const missing = "FM-10011";
export const twice = "FM-10006";
export const unreached = "RFM-60012";

/** keyOf tells one problem from the others, and stays while the problem does. */
export const keyOf = (problem: Problem): string => [problem.code, problem.stepId, problem.componentId, problem.message].join("\n");
