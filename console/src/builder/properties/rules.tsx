import { isMembers, type Json } from "../model/json";
import { spaced } from "../model/spaced";

/** Rules shows the rules that a value is checked against. They are made where attributes and passwords are, not here. */
export function Rules({ value }: { value: Json | undefined }) {
  const rules = (Array.isArray(value) ? value : []).flatMap((rule) => (isMembers(rule) ? [sayRule(rule)] : []));
  if (rules.length === 0) return null;
  return (
    <div>
      <span className="field-label">Rules</span>
      <ul className="rules">
        {rules.map((rule) => (
          <li key={rule}>{rule}</li>
        ))}
      </ul>
    </div>
  );
}

function sayRule({ name, conditions }: { [name: string]: Json | undefined }): string {
  const list = Array.isArray(conditions) ? conditions : [];
  const said = list.flatMap((one) => (isMembers(one) ? [`${String(one.key)} ${String(one.value)}`] : []));
  return [spaced(typeof name === "string" ? name.replace(/Validator$/, "") : "Rule"), said.join(", ")].filter(Boolean).join(": ");
}
