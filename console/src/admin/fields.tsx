import { useState } from "react";
import { Checkbox, Input, TextArea } from "../ui/field";
import { alike } from "./difference";

interface About {
  label: string;
  hint?: string | undefined;
  mistake?: string | undefined;
  optional?: boolean;
  disabled?: boolean;
}

/** Lines is a list of texts, each on a line of its own. */
export function Lines({ value, onChange, ...rest }: About & { value: string[]; onChange: (value: string[]) => void }) {
  const [text, setText] = useState(value.join("\n"));
  // Empty lines are no values, and stay while somebody types.
  if (!alike(linesOf(text), value)) setText(value.join("\n"));
  return (
    <TextArea
      {...rest}
      spellCheck={false}
      value={text}
      onChange={({ target }) => {
        setText(target.value);
        onChange(linesOf(target.value));
      }}
    />
  );
}

export const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** NumberInput is for a whole number. What is none is not taken; an empty field goes back to what was there. */
export function NumberInput({
  value,
  onChange,
  ...rest
}: About & { value: number; onChange: (value: number) => void; min?: number; max?: number }) {
  const [text, setText] = useState(String(value));
  if (text !== "" && Number(text) !== value) setText(String(value));
  return (
    <Input
      {...rest}
      type="number"
      step={1}
      value={text}
      onBlur={() => setText(String(value))}
      onChange={({ target }) => {
        if (target.value !== "" && !Number.isInteger(target.valueAsNumber)) return;
        setText(target.value);
        if (target.value !== "") onChange(target.valueAsNumber);
      }}
    />
  );
}

/** Several lets somebody choose some of the values; those that are chosen and not offered any more are shown, too. */
export function Several<T extends string>({
  label,
  hint,
  mistake,
  options,
  value,
  disabled,
  onChange,
}: About & { options: { value: T; label: string; hint?: string }[]; value: T[]; onChange: (value: T[]) => void }) {
  const stale = value
    .filter((one) => !options.some((option) => option.value === one))
    .map((one) => ({ value: one, label: one, hint: undefined }));
  return (
    <fieldset className="several">
      <legend className="field-label">{label}</legend>
      {hint && <p className="field-hint">{hint}</p>}
      <div className="several-options">
        {[...options, ...stale].map((option) => (
          <Checkbox
            key={option.value}
            label={option.label}
            hint={option.hint}
            disabled={disabled}
            checked={value.includes(option.value)}
            onChange={({ target }) => onChange(target.checked ? [...value, option.value] : value.filter((one) => one !== option.value))}
          />
        ))}
      </div>
      {mistake && <p className="field-mistake">{mistake}</p>}
    </fieldset>
  );
}
