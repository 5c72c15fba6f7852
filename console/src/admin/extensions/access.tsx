import { Several } from "../fields";
import type { Node, Operation, Path } from "./api";
import { chosenOf, groupsOf, others } from "./tree";

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
      {shown.map(({ title, options }) => (
        <Several
          key={title}
          label={title}
          disabled={disabled}
          options={options}
          value={options.map((one) => one.value).filter((path) => value.some((one) => one.path === path))}
          onChange={(chosen) =>
            onChange(
              chosenOf(
                value,
                options.map((one) => one.value),
                chosen,
              ),
            )
          }
        />
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
