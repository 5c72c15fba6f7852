import { type Component, key, kindOf, type Step, typeOf } from "../model/flow";
import { kindWords } from "../model/words";
import { ActionFields } from "./action";
import { ConfigField } from "./config";
import { IdField } from "./id-field";
import { shapes } from "./shapes";
import { Unknown } from "./unknown";
import { Variant } from "./variant";

/** ComponentProperties shows a component: what its kind has to be told, and what it does. */
export function ComponentProperties({ component, step }: { component: Component; step: Step }) {
  const kind = kindOf(component);
  const fields = shapes(component);
  const button = kind === "BUTTON";
  const known = ["id", "type", "category", "variant", "config", "components", ...(button ? ["action"] : [])];
  return (
    <>
      <h2>{kindWords(component.type ?? "", component.variant ?? "")}</h2>
      {fields.map((field) => (
        <ConfigField key={field.name} component={component} field={field} />
      ))}
      <Variant component={component} />
      {button && typeOf(step) === "VIEW" && <ActionFields of={component[key]} action={component.action ?? undefined} leads />}
      {button && typeOf(step) !== "VIEW" && <p className="hint">It belongs to what the step runs: pressing it goes on with that.</p>}
      <IdField of={component[key]} />
      <Unknown holder={component.config} known={fields.map((field) => field.name)} />
      <Unknown holder={component} known={known} />
    </>
  );
}
