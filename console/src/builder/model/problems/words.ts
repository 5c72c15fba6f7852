import { configText, type Flow, idOf } from "../flow";
import { outletsOf } from "../links";
import { look } from "../look";
import { executorOf, executorWords, type Meta, noMeta } from "../meta";
import { spaced } from "../spaced";
import { sentence, wordsOfComponent, wordsOfStep } from "../words";
import { missing, type Place, type Problem, placeOf, twice } from "./problem";

/** explain says a problem in words for whoever designs the flow: by what steps and buttons are called, not by ids and codes. */
export function explain(flow: Flow, problem: Problem, meta: Meta = noMeta): string {
  const place = placeOf(flow, problem);
  const names = namesOf(flow, place, meta);
  const words = sayings[problem.code]?.(names, problem, flow);
  return words ?? sentence(problem.message.trim()).replace(/([^.!?])$/, "$1.");
}

interface Names {
  step: string;
  component: string | undefined;
  executor: string;
  /** What a property of the executor is called. */
  property: (name: string) => string;
  /** The step has some. */
  buttons: boolean;
}

function namesOf(flow: Flow, place: Place, meta: Meta): Names {
  const component = place.key === undefined ? undefined : look(flow).components.get(place.key)?.component;
  const action = component?.action ?? place.step?.data?.action;
  return {
    step: place.step ? `“${wordsOfStep(place.step, meta)}”` : "The flow",
    component: component && `“${wordsOfComponent(component, meta)}”`,
    executor: executorWords(meta, action?.executor?.name ?? "its executor"),
    property: (name) => executorOf(meta, action?.executor?.name ?? "")?.metaSchema.properties?.[name]?.title || spaced(name),
    buttons: place.step !== undefined && outletsOf(place.step).length > 0,
  };
}

type Say = (names: Names, problem: Problem, flow: Flow) => string | undefined;

/** What there is to say to the engine's codes. Where a code stands for several things, the server's own message decides. */
const sayings: Record<string, Say> = {
  "RFM-600009": ({ step, component }, { message }) => {
    const next = /"(.*)"/.exec(message)?.[1] ?? "";
    return `${component ?? step} leads to “${next}”, and there is no such step.`;
  },
  "RFM-60012": ({ step }) => `Nobody gets to ${step}: nothing that comes before leads to it.`,
  "RFM-60005": ({ step }) => `From ${step} nobody gets to the end, whatever they press.`,
  "RFM-60004": ({ step, component, buttons }) =>
    component
      ? `The button ${component} does nothing when it is pressed.`
      : `Nobody can go on from ${step}: ${buttons ? "none of its buttons does anything" : "it has no button"}.`,
  "RFM-60003": ({ step }) => `${step} is an empty page.`,
  "RFM-60002": ({ step }) => `${step} holds nothing.`,
  "RFM-60006": ({ step, component }) => `${component ?? step} is to run something, but does not say what.`,
  "RFM-60007": ({ step }) => `Several buttons of ${step} run something. Only one of a page may; let the others lead to steps of their own.`,
  "RFM-60010": ({ step }) => `${step} does nothing: it needs something to run.`,
  "RFM-60011": ({ step }, { message }) =>
    message.startsWith("a VIEW") ? `${step} is a page and has an action of its own. Pages have their actions on buttons.` : undefined,
  [missing]: ({ step, component }, { message }) =>
    message.includes("next") ? `${component ?? step} leads nowhere yet.` : `Something in ${step} has no id.`,
  [twice]: ({ component, step }, problem, flow) => {
    const id = problem.componentId || problem.stepId || "";
    if (!problem.message.startsWith("id ")) return asksTwice(flow, problem, step);
    return `The id “${id}” is used more than once, here by ${component ?? step}.`;
  },
  "FM-10004": ({ executor, step }) => `${step} runs “${executor}”, which flows of this kind do not know.`,
  "FM-10007": ({ executor, step, property: call }, { message }) => {
    const [, property, fault] = /property "([^"]*)": (.*)$/.exec(message) ?? [];
    const on = step === `“${executor}”` ? "" : ` on ${step}`;
    return property && `The property “${call(property)}” of “${executor}”${on} is not right: ${fault}.`;
  },
  "FM-10013": ({ executor, step, component }, { stepId }) =>
    stepId ? `${component ?? step} runs “${executor}”, and can be reached by somebody who has not proved who they are.` : undefined,
};

function asksTwice(flow: Flow, problem: Problem, step: string): string | undefined {
  if (!problem.message.startsWith("the form asks")) return undefined;
  const place = placeOf(flow, problem);
  const component = place.key === undefined ? undefined : look(flow).components.get(place.key)?.component;
  const identifier = component && (configText(component, "identifier") || idOf(component));
  return identifier && `${step} asks for “${identifier.split("/").at(-1)}” twice in one form.`;
}
