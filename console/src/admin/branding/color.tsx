import { X } from "lucide-react";
import { IconButton } from "../../ui/button";
import { Field } from "../../ui/field";
import { Badge } from "../../ui/shown";
import type { Colors } from "./api";
import { roleNames } from "./fields";

/** Contrast is the pair of a colour that is the hardest to read, as far as it needs to be. */
export interface Contrast {
  ratio: number;
  least: number;
  /** What it is drawn on, or what is drawn on it. */
  other: string;
}

/** contrastOf returns the worst pair that the role is part of, undefined for none. */
export function contrastOf(role: string, contrasts: Colors["contrasts"]): Contrast | undefined {
  const [worst] = contrasts
    .filter(({ on, under }) => on === role || under === role)
    .map(({ on, under, ratio, least }) => ({ ratio, least, other: on === role ? under : on }))
    .sort((a, b) => a.ratio / a.least - b.ratio / b.least);
  return worst;
}

/** pickable is the colour as a colour picker takes it: #rrggbb. */
export function pickable(text: string, otherwise: string): string {
  const color = text.trim().toLowerCase();
  if (/^#[0-9a-f]{6}$/.test(color)) return color;
  if (/^#[0-9a-f]{3}$/.test(color)) return color.replace(/[0-9a-f]/g, "$&$&");
  return otherwise;
}

export interface ColorFieldProps {
  label: string;
  role: string;
  value: string;
  /** The colours that there are, undefined until they are known. */
  colors: Colors | undefined;
  mistake: string | undefined;
  hint?: string | undefined;
  disabled: boolean;
  onChange: (value: string) => void;
}

/** ColorField is for a colour: its text, a picker, and how well it can be read. */
export function ColorField({ label, role, value, colors, mistake, hint, disabled, onChange }: ColorFieldProps) {
  const usual = colors?.colors[role] ?? "#000000";
  const contrast = colors && contrastOf(role, colors.contrasts);
  return (
    <Field
      label={label}
      mistake={mistake}
      hint={
        <>
          {!mistake && contrast && (
            <>
              <Badge tone={contrast.ratio >= contrast.least ? "good" : "bad"}>{contrast.ratio.toFixed(1)} : 1</Badge> with{" "}
              {roleNames[contrast.other] ?? contrast.other}
            </>
          )}
          {hint && ` ${hint}`}
        </>
      }
    >
      {(belonging) => (
        <div className="color">
          <input
            type="color"
            aria-label={`${label}: pick a colour`}
            disabled={disabled}
            value={pickable(value, usual)}
            onChange={({ target }) => onChange(target.value)}
          />
          <input
            {...belonging}
            className="input"
            disabled={disabled}
            spellCheck={false}
            autoComplete="off"
            placeholder={colors ? usual : ""}
            value={value}
            onChange={({ target }) => onChange(target.value)}
          />
          {value && !disabled && (
            <IconButton label={`${label}: leave it to us`} onClick={() => onChange("")}>
              <X size={16} aria-hidden />
            </IconButton>
          )}
        </div>
      )}
    </Field>
  );
}
