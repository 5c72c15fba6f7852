import { type ComponentProps, type ReactNode, useId } from "react";

export interface About {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong with the value. */
  mistake?: string | undefined;
  optional?: boolean;
}

/** What an input has to have to belong to its field. */
export interface Belonging {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

/** Field is the label of an input, and what there is to say about its value. */
export function Field({ label, hint, mistake, optional, children }: About & { children: (belonging: Belonging) => ReactNode }) {
  const id = useId();
  const described = [hint && `${id}-hint`, mistake && `${id}-mistake`].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label} {optional && <span className="field-optional">(optional)</span>}
      </label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": mistake ? true : undefined })}
      {hint && (
        <span className="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {mistake && (
        <span className="field-mistake" id={`${id}-mistake`}>
          {mistake}
        </span>
      )}
    </div>
  );
}

export function Input({ label, hint, mistake, optional, ...rest }: About & ComponentProps<"input">) {
  return (
    <Field {...{ label, hint, mistake, optional: optional ?? false }}>
      {(belonging) => <input {...rest} {...belonging} className="input" />}
    </Field>
  );
}

export function TextArea({ label, hint, mistake, optional, ...rest }: About & ComponentProps<"textarea">) {
  return (
    <Field {...{ label, hint, mistake, optional: optional ?? false }}>
      {(belonging) => <textarea {...rest} {...belonging} className="input" />}
    </Field>
  );
}

export interface Option {
  value: string;
  label: string;
}

export function Select({ label, hint, mistake, optional, options, ...rest }: About & { options: Option[] } & ComponentProps<"select">) {
  return (
    <Field {...{ label, hint, mistake, optional: optional ?? false }}>
      {(belonging) => (
        <select {...rest} {...belonging} className="input">
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function Checkbox({ label, hint, ...rest }: Pick<About, "label" | "hint"> & ComponentProps<"input">) {
  const id = useId();
  return (
    <div className="tick">
      <input {...rest} type="checkbox" id={id} aria-describedby={hint ? `${id}-hint` : undefined} />
      <div className="field">
        <label htmlFor={id}>{label}</label>
        {hint && (
          <span className="field-hint" id={`${id}-hint`}>
            {hint}
          </span>
        )}
      </div>
    </div>
  );
}

export interface SwitchProps extends Omit<ComponentProps<"button">, "onChange" | "children"> {
  /** What is on or off. */
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
}

export function Switch({ label, on, onChange, ...rest }: SwitchProps) {
  return (
    <button {...rest} type="button" role="switch" className="switch" aria-label={label} aria-checked={on} onClick={() => onChange(!on)} />
  );
}
