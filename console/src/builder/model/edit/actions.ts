import { type Action, END, type Flow, idOf, isStepKey, type Key, type Step } from "../flow";
import { Names } from "../ids";
import type { Json } from "../json";
import { endOf, noEnd, outletsOf, readNext } from "../links";
import { look } from "../look";
import type { Edit } from "./edit";
import { changeComponent, changeStep, put } from "./tree";

/** changeAction changes what a button does, or a step by itself. undefined is no action. */
export function changeAction(flow: Flow, of: Key, change: (action: Action | undefined) => Action | undefined): Flow {
  if (!isStepKey(of)) return changeComponent(flow, of, (button) => put(button, "action", change(button.action ?? undefined)));
  return changeStep(flow, of, (step) => {
    const data = put(step.data ?? {}, "action", change(step.data?.action ?? undefined));
    return put(step, "data", data === step.data || (!step.data && Object.keys(data).length === 0) ? step.data : data);
  });
}

/** idToLead is the id of the step to lead to, which is given one where it has none. */
function idToLead(flow: Flow, target: Key): { flow: Flow; id: string } {
  const step = look(flow).steps.get(target)?.step;
  if (!step) return { flow, id: target === noEnd ? END : "" };
  if (idOf(step) !== "") return { flow, id: idOf(step) };
  const id = new Names(flow).take("step");
  return { flow: changeStep(flow, target, (one) => ({ ...one, id })), id };
}

/** connect makes an outlet lead to a step, or to the end. A button without an action gets one that goes on. */
export function connect(outlet: Key, target: Key): Edit {
  return {
    label: "Connect",
    apply(before) {
      const { flow, id } = idToLead(before, target === noEnd ? endOf(before) : target);
      if (id === "") return before;
      return changeAction(flow, outlet, (action) => put(action ?? { type: "NEXT" }, "next", id));
    },
  };
}

/** disconnect makes an outlet lead nowhere. */
export function disconnect(outlets: readonly Key[]): Edit {
  return {
    label: "Disconnect",
    apply: (flow) =>
      outlets.reduce((state, outlet) => changeAction(state, outlet, (action) => action && put(action, "next", undefined)), flow),
  };
}

/** runs says which executor an action runs, undefined for none. Properties of another executor are dropped: they mean nothing to this one. */
export function runs(of: Key, executor: string | undefined): Edit {
  return {
    label: executor === undefined ? "Run nothing" : "Run",
    apply: (flow) =>
      changeAction(flow, of, (action) => {
        if (executor === undefined) {
          if (isStepKey(of) && !action?.next) return undefined;
          return put({ ...action, type: "NEXT" }, "executor", undefined);
        }
        if (action?.executor?.name === executor && action.type === "EXECUTOR") return action;
        return { ...action, type: "EXECUTOR", executor: { name: executor } };
      }),
  };
}

/** setMeta sets a property of an action's executor; undefined leaves it to the executor's default. */
export function setMeta(of: Key, name: string, value: Json | undefined): Edit {
  return {
    label: "Change property",
    group: `meta ${of} ${name}`,
    apply: (flow) =>
      changeAction(flow, of, (action) => {
        if (!action?.executor) return action;
        const meta = put(action.executor.meta ?? {}, name, value);
        const empty = Object.keys(meta).length === 0;
        return { ...action, executor: put(action.executor, "meta", empty ? undefined : meta) };
      }),
  };
}

/** forget makes everything that leads to one of the ids lead nowhere, except where another step of that id stays. */
export function forget(flow: Flow, ids: ReadonlySet<string>): Flow {
  const outlets = flow.steps.flatMap((step: Step) =>
    outletsOf(step).filter((outlet) => ids.has(readNext(outlet.action)) && outlet.action?.next),
  );
  const left = new Set(flow.steps.map(idOf));
  return disconnect(outlets.filter((outlet) => !left.has(readNext(outlet.action))).map((outlet) => outlet.key)).apply(flow);
}
