import { isNewPassword } from "../model/edit/repetition";
import { type Component, key, kindOf, type Step, typeOf } from "../model/flow";
import { kindIn } from "../model/meta";
import { kindWords } from "../model/words";
import { useDeclared } from "../state/context";
import { ActionFields } from "./action";
import { ConfigField } from "./config";
import { IdField } from "./id-field";
import { Repetition } from "./repetition";
import { Rules } from "./rules";
import { Unknown } from "./unknown";
import { Variant } from "./variant";

/** ComponentProperties shows a component: what its kind has to be told, and what it does. */
export function ComponentProperties({ component, step }: { component: Component; step: Step }) {
  const kind = kindOf(component);
  const { meta } = useDeclared();
  const declared = kindIn(meta, component.type ?? "", component.variant ?? "");
  const schema = declared?.configSchema ?? {};
  const fields = Object.keys(schema.properties ?? {});
  const button = kind === "BUTTON";
  const known = ["id", "type", "category", "variant", "config", "components", ...(button ? ["action"] : [])];
  return (
    <>
      <h2>{kindWords(component.type ?? "", component.variant ?? "")}</h2>
      {declared?.summary && <p className="hint">{declared.summary}</p>}
      {fields.map((name) => (
        <ConfigField key={name} component={component} name={name} schema={schema} />
      ))}
      {isNewPassword(component) && <Repetition of={component[key]} />}
      <Rules value={component.config?.validations} />
      <Variant component={component} />
      {button && typeOf(step) === "VIEW" && <ActionFields of={component[key]} action={component.action ?? undefined} leads />}
      {button && typeOf(step) !== "VIEW" && <p className="hint">It belongs to what the step runs: pressing it goes on with that.</p>}
      <IdField of={component[key]} />
      <Unknown holder={component.config} known={[...fields, "validations"]} />
      <Unknown holder={component} known={known} />
    </>
  );
}
