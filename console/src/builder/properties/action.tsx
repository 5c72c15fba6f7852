import { type Option, Select } from "../../ui/field";
import { SchemaForm, type Values } from "../../ui/schema";
import { connect, disconnect, runs, setMeta } from "../model/edit/actions";
import { type Action, END, type Flow, isStepKey, type Key, key } from "../model/flow";
import { Exact, type Json, type Members } from "../model/json";
import { noEnd, readNext, targetOf } from "../model/links";
import { connectionsOf, type ExecutorKind, executorOf, labelOf, type Meta, type Schema } from "../model/meta";
import { wordsOfStep } from "../model/words";
import { useBench, useDeclared, useFlow } from "../state/context";

export interface ActionFieldsProps {
  /** The button, or the step whose action it is. */
  of: Key;
  action: Action | undefined;
  /** What ends the flow leads nowhere. */
  leads: boolean;
}

/** ActionFields says what is run when a button is pressed or a step is reached, with what properties, and where it leads. */
export function ActionFields({ of, action, leads }: ActionFieldsProps) {
  const { editor } = useBench();
  const { meta } = useDeclared();
  const name = action?.executor?.name ?? "";
  const executor = executorOf(meta, name);
  return (
    <>
      <Select
        label={isStepKey(of) ? "Runs" : "When it is pressed"}
        hint={executor?.summary}
        options={executorOptions(meta, name, isStepKey(of), leads)}
        value={name}
        onChange={(event) => editor.do(runs(of, event.target.value || undefined))}
      />
      {executor && <MetaFields of={of} executor={executor} values={action?.executor?.meta ?? {}} />}
      {leads && <LeadsTo of={of} action={action} />}
    </>
  );
}

/** executorOptions lists what can run there; a page at an EXECUTION step may ask for what its executor wants. */
function executorOptions(meta: Meta, name: string, alone: boolean, leads: boolean): Option[] {
  const fitting = meta.executors.filter(({ name: one, places }) => leads || one === name || (places?.includes("END") ?? true));
  const known = fitting.map((executor) => ({ value: executor.name, label: labelOf(executor) }));
  const other = name !== "" && !executorOf(meta, name) ? [{ value: name, label: `${name} (not there)` }] : [];
  return [{ value: "", label: alone ? "Nothing" : "Just go on" }, ...other, ...known];
}

/** MetaFields are made from what the executor declares. */
function MetaFields({ of, executor, values }: { of: Key; executor: ExecutorKind; values: Members }) {
  const { editor } = useBench();
  const { meta } = useDeclared();
  const change = (after: Values) => {
    for (const name of new Set([...Object.keys(values), ...Object.keys(after)])) {
      if (after[name] !== plain(values[name])) editor.do(setMeta(of, name, after[name] as Json | undefined));
    }
  };
  const value = Object.fromEntries(Object.entries(values).map(([name, one]) => [name, plain(one)]));
  return (
    <SchemaForm
      schema={executor.metaSchema}
      value={value}
      onChange={change}
      options={connectionOptions(executor.metaSchema, connectionsOf(meta, executor.name))}
    />
  );
}

const plain = (value: Json | undefined): unknown => (value instanceof Exact ? value.text : value);

/** connectionOptions offers the connections for the property that names one. */
export function connectionOptions(schema: Schema, connections: Option[]): Record<string, Option[]> {
  const named = Object.entries(schema.properties ?? {}).filter(([, property]) => property.format === "connection");
  return Object.fromEntries(named.map(([name]) => [name, connections]));
}

/** LeadsTo connects without dragging. */
function LeadsTo({ of, action }: { of: Key; action: Action | undefined }) {
  const { editor } = useBench();
  const { meta } = useDeclared();
  const flow = useFlow();
  const next = readNext(action);
  const target = targetOf(flow, next);
  const lost = next !== "" && target === undefined;
  const choose = (value: string) => editor.do(value === "" ? disconnect([of]) : connect(of, value));
  return (
    <Select
      label="Leads to"
      mistake={lost ? `There is no step “${next}”.` : undefined}
      options={[{ value: "", label: lost ? `${next} (not there)` : "Nowhere yet" }, ...stepOptions(flow, meta)]}
      value={target ?? ""}
      onChange={(event) => choose(event.target.value)}
    />
  );
}

/** stepOptions lists the steps of a flow, and the end; those of the same name by their ids too. */
export function stepOptions(flow: Flow, meta: Meta): Option[] {
  const names = flow.steps.map((step) => wordsOfStep(step, meta));
  const steps = flow.steps.map((step, i) => {
    const name = names[i] ?? "";
    const twice = names.indexOf(name) !== names.lastIndexOf(name);
    return { value: step[key], label: step.id === END ? `End: ${name}` : twice ? `${name} (${step.id ?? ""})` : name };
  });
  return flow.steps.some((step) => step.id === END) ? steps : [...steps, { value: noEnd, label: "End" }];
}
