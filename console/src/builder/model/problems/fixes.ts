import { changeAction, connect, runs, setMeta } from "../edit/actions";
import { addComponents, newComponent } from "../edit/components";
import { all, type Edit } from "../edit/edit";
import { rename } from "../edit/rename";
import { remove } from "../edit/steps";
import { componentsOf, END, type Flow, idOf, type Key, key, kindOf, type Step, typeOf } from "../flow";
import { Names, wantedId } from "../ids";
import { endOf, type Outlet, outletOf, outletsOf, readNext, targetOf } from "../links";
import { look, stepOf, within } from "../look";
import { allows, connectionsOf, executorOf, type Meta } from "../meta";
import { spaced } from "../spaced";
import { wordsOfComponent, wordsOfStep } from "../words";
import { missing, type Place, type Problem, placeOf, twice } from "./problem";

/** Fix is an edit that takes a problem away. */
export interface Fix {
  /** What a button says that makes it. */
  label: string;
  edit: Edit;
}

/** fixesOf lists what can be done about a problem at the press of a button, the likeliest first; nothing where only the author can know. */
export function fixesOf(flow: Flow, problem: Problem, meta: Meta): Fix[] {
  const place = placeOf(flow, problem);
  const { step, key: of } = place;
  if (!step || of === undefined) return [];
  switch (problem.code) {
    case "RFM-600009":
      return leadElsewhere(flow, of, meta);
    case missing:
      return problem.message.includes("next") ? leadOn(flow, of, step, meta) : giveIds(flow, step);
    case twice:
      return giveAnotherId(flow, place);
    case "RFM-60004":
      return step[key] === of ? [addButton(flow, step)] : leadOn(flow, of, step, meta);
    case "RFM-60002":
    case "RFM-60003":
    case "RFM-60005":
      if (typeOf(step) === "VIEW") return [addButton(flow, step)];
      return typeOf(step) === "EXECUTION" && step.data ? [toEnd(flow, of)] : [];
    case "RFM-60006":
      return [fix("Run nothing, just go on", runs(of, undefined))].filter(() => step[key] !== of);
    case "RFM-60011":
      return typeOf(step) === "VIEW"
        ? [fix("Take the page's own action away", { label: "Fix", apply: (now) => changeAction(now, of, () => undefined) })]
        : [];
    case "RFM-60012":
      return reach(flow, step, meta);
    case "FM-10007":
      return properties(flow, of, meta, problem);
  }
  return [];
}

const fix = (label: string, edit: Edit): Fix => ({ label, edit: { ...edit, label } });
const toEnd = (flow: Flow, of: Key): Fix => fix("Lead to the end", connect(of, endOf(flow)));

/** leadElsewhere leads to a step whose id is nearly the one that there is not, else to the end. */
function leadElsewhere(flow: Flow, of: Key, meta: Meta): Fix[] {
  const wrong = readNext(outletOf(flow, of)?.action).toLowerCase();
  const near = flow.steps.find((step) => idOf(step) !== "" && distance(idOf(step).toLowerCase(), wrong) <= 2);
  return near ? [fix(`Lead to “${wordsOfStep(near, meta)}”`, connect(of, near[key])), toEnd(flow, of)] : [toEnd(flow, of)];
}

/** leadOn leads to a step that nothing leads to, else to the end. */
function leadOn(flow: Flow, of: Key, from: Step, meta: Meta): Fix[] {
  const reached = new Set(flow.steps.flatMap(outletsOf).map((outlet) => targetOf(flow, readNext(outlet.action))));
  const at = flow.steps.indexOf(from);
  const lonely = flow.steps.find((step, i) => i > at && !reached.has(step[key]));
  const likely = lonely && lonely[key] !== endOf(flow) ? [fix(`Lead to “${wordsOfStep(lonely, meta)}”`, connect(of, lonely[key]))] : [];
  return [...likely, toEnd(flow, of)];
}

function giveIds(flow: Flow, step: Step): Fix[] {
  const names = new Names(flow);
  const own = idOf(step) === "" ? [rename(step[key], names.take("step"))] : [];
  const others = within(step)
    .filter((one) => idOf(one) === "")
    .map((one) => rename(one[key], names.take(wantedId(one, step))));
  return own.length + others.length > 0 ? [fix("Make an id", all("Make an id", [...own, ...others]))] : [];
}

function giveAnotherId(flow: Flow, { key: of, step }: Place): Fix[] {
  const one = of === undefined ? undefined : (look(flow).components.get(of)?.component ?? step);
  if (of === undefined || !one || (look(flow).ids.get(idOf(one))?.length ?? 0) < 2) return [];
  const id = new Names(flow).take(idOf(one));
  return [fix(`Call it “${id}”`, rename(of, id))];
}

/** addButton adds one that leads to the end: to the first form, else to the page. */
function addButton(flow: Flow, step: Step): Fix {
  const form = within(step).find((one) => kindOf(one) === "FORM");
  const button = newComponent({
    category: "ACTION",
    type: "BUTTON",
    variant: outletsOf(step).length > 0 ? "SECONDARY" : "PRIMARY",
    config: { type: "submit", text: "Continue" },
    action: { type: "NEXT" },
  });
  const holder = form ?? step;
  const add = addComponents([button], { holder: holder[key], at: componentsOf(holder).length });
  return fix("Add a button that leads to the end", { ...all("", [add, connect(button[key], endOf(flow))]), select: [button[key]] });
}

/** reach leads something to a step that leads nowhere yet, or deletes the step. */
function reach(flow: Flow, step: Step, meta: Meta): Fix[] {
  const free = (outlet: Outlet) => targetOf(flow, readNext(outlet.action)) === undefined;
  const loose = flow.steps.flatMap(outletsOf).filter((outlet) => free(outlet) && stepOf(flow, outlet.key) !== step);
  const lead = loose.slice(0, 2).map((outlet) => {
    const button = look(flow).components.get(outlet.key)?.component;
    const from = stepOf(flow, outlet.key);
    const name = button ? wordsOfComponent(button, meta) : from ? wordsOfStep(from, meta) : "";
    return fix(`Let “${name}” lead there`, connect(outlet.key, step[key]));
  });
  return idOf(step) === END ? lead : [...lead, fix("Delete the step", remove([step[key]]))];
}

/** properties takes away what the executor does not know or take, and names a connection where one is missing. */
function properties(flow: Flow, of: Key, meta: Meta, problem: Problem): Fix[] {
  const step = stepOf(flow, of);
  const executor = (outletOf(flow, of)?.action ?? step?.data?.action)?.executor;
  const kind = executorOf(meta, executor?.name ?? "");
  if (!executor?.name || !kind) return [];
  const known = kind.metaSchema.properties ?? {};
  const values = Object.entries(executor.meta ?? {});
  const wrong = values.filter(([name, value]) => !known[name] || !allows(known[name], value)).map(([name]) => name);
  if (wrong.length > 0) {
    return [
      fix(
        `Reset ${wrong.map((name) => `“${known[name]?.title || spaced(name)}”`).join(", ")}`,
        all(
          "",
          wrong.map((name) => setMeta(of, name, undefined)),
        ),
      ),
    ];
  }
  const named = /property "([^"]*)"/.exec(problem.message)?.[1];
  if (!named || known[named]?.format !== "connection") return [];
  return connectionsOf(meta, executor.name)
    .slice(0, 3)
    .map(({ value, label }) => fix(`Use “${label}”`, setMeta(of, named, value)));
}

/** distance is how many letters have to be changed, added or left out to make one word of the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
