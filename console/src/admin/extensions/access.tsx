import { Several } from "../fields";
import type { Node, Operation, Path } from "./api";
import { chosenOf, type Group, groupsOf, others } from "./tree";

export interface AccessProps {
  context: Node[];
  operation: Operation;
  value: Path[];
  onChange: (value: Path[]) => void;
  /** What to say of those that are encrypted; undefined where nothing can be. */
  encrypted: string | undefined;
  mistake: string | undefined;
  disabled: boolean;
}

/** Access is which parts of what the server declares an extension may see, or change. What is chosen and not declared any more can be taken away. */
export function Access({ context, operation, value, onChange, encrypted, mistake, disabled }: AccessProps) {
  const groups = groupsOf(context, operation);
  const lost = others(groups, value).map((path) => ({ value: path, label: path }));
  const shown = lost.length > 0 ? [...groups, { title: "Not there any more", options: lost }] : groups;
  const labels = new Map(shown.flatMap((group) => group.options.map((one) => [one.value, one.label])));
  return (
    <>
      {mistake && <p className="field-mistake">{mistake}</p>}
      {shown.map((group) => (
        <Part key={group.options[0]?.value} group={group} value={value} onChange={onChange} disabled={disabled} />
      ))}
      {encrypted && value.length > 0 && (
        <Several
          label="Encrypted"
          hint={encrypted}
          disabled={disabled}
          options={value.map(({ path }) => ({ value: path, label: labels.get(path) ?? path }))}
          value={value.filter((one) => one.encrypted).map((one) => one.path)}
          onChange={(chosen) => onChange(value.map(({ path }) => ({ path, encrypted: chosen.includes(path) })))}
        />
      )}
    </>
  );
}

/** How many are shown without being asked for. */
const few = 8;

/** Part is a group of paths; of many it says which are chosen, and shows all on demand. */
function Part({
  group: { title, options },
  value,
  onChange,
  disabled,
}: Pick<AccessProps, "value" | "onChange" | "disabled"> & { group: Group }) {
  const chosen = options.filter((option) => value.some((one) => one.path === option.value));
  const paths = options.map((one) => one.value);
  const list = (
    <Several
      label={title}
      disabled={disabled}
      options={options}
      value={chosen.map((one) => one.value)}
      onChange={(next) => onChange(chosenOf(value, paths, next))}
    />
  );
  if (options.length <= few) return list;
  return (
    <details className="many">
      <summary>
        {title}, {chosen.length} of {options.length}
        {chosen.length > 0 && <span className="field-hint"> {chosen.map((one) => one.label).join(", ")}</span>}
      </summary>
      {list}
    </details>
  );
}
