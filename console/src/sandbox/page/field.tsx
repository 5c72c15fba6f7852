import { useId, useState } from "react";
import { Field, Input, Select } from "../../ui/field";
import { countries } from "./countries";
import { mistakesAt, type Page } from "./page";
import { type Choice, loose, type Piece } from "./piece";

export interface FieldProps {
  piece: Piece;
  page: Page;
  value: string;
  onChange: (value: string) => void;
}

/** How each variant is typed: the input's type and inputmode (as in portal/field.go). */
const kinds: Record<string, [type: string, mode: "text" | "email" | "tel" | "decimal" | "numeric"]> = {
  EMAIL: ["email", "email"],
  TELEPHONE: ["tel", "tel"],
  NUMBER: ["text", "decimal"],
  DATE: ["date", "text"],
  OTP: ["text", "numeric"],
};

/** domOf is the id of a form on this page; forms of pages and those of the console share one document. */
export const domOf = (form: string) => `trial-${form || loose}`;

/** InputField is an INPUT. Nothing that is typed into it is anybody's: the browser is not to offer or to keep it. */
export function InputField({ piece, page, value, onChange }: FieldProps) {
  const mistakes = mistakesAt(page, piece);
  const about = {
    label: piece.label || piece.placeholder || piece.identifier.split("/").at(-1),
    hint: piece.hint || undefined,
    mistake: mistakes.length > 0 ? mistakes.join(" ") : undefined,
    optional: !piece.required && !["CHECKBOX", "OTP"].includes(piece.variant),
  };
  const common = {
    form: domOf(piece.form),
    name: piece.identifier,
    "data-identifier": piece.identifier,
    required: piece.required,
    autoComplete: "off",
    value,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  switch (piece.variant) {
    case "PASSWORD":
      return <Password about={about} piece={piece} common={common} />;
    case "CHECKBOX":
      return <Tick piece={piece} mistake={about.mistake} on={value === "true"} onChange={(on) => onChange(String(on))} />;
    case "RADIO":
      return <Radio piece={piece} about={about} value={value} onChange={onChange} />;
    case "DROPDOWN":
    case "COUNTRY": {
      const choices = piece.variant === "COUNTRY" ? countries() : piece.choices;
      const first = { value: "", label: piece.placeholder || "Choose" };
      return <Select {...common} {...about} options={unique([first, ...choices])} />;
    }
  }
  const [type, inputMode] = kinds[piece.variant] ?? ["text", "text"];
  const length = piece.rules.find((rule) => rule.name === "LengthValidator");
  const most = piece.variant === "OTP" ? piece.length : (length?.most ?? 0);
  return (
    <Input
      {...common}
      {...about}
      type={type}
      inputMode={inputMode}
      placeholder={piece.placeholder || undefined}
      minLength={length?.least || undefined}
      maxLength={most || undefined}
      pattern={patternOf(piece)}
      className="input"
    />
  );
}

/** patternOf is what HTML can check of a rule: patterns that mean there, where they are held against whole values, what they mean to the server. */
function patternOf(piece: Piece): string | undefined {
  const pattern = piece.rules.find((rule) => /^(Regex|PhoneNumber)Validator$/.test(rule.name))?.pattern ?? "";
  if (!pattern.startsWith("^") || !pattern.endsWith("$")) return undefined;
  try {
    return new RegExp(pattern, "v") && pattern;
  } catch {
    return undefined; // the server's are of another dialect
  }
}

const unique = (choices: readonly Choice[]): Choice[] => [...new Map(choices.map((one) => [one.value, one])).values()];

type Common = React.ComponentProps<"input">;
type Said = React.ComponentProps<typeof Field>;

function Password({ about, piece, common }: { about: Omit<Said, "children">; piece: Piece; common: Common }) {
  const [shown, setShown] = useState(false);
  const rules = piece.rules.map(ruleWords).filter(Boolean);
  return (
    <Field {...about} hint={rules.length > 0 ? `${piece.hint} ${rules.join(", ")}.`.trim() : about.hint}>
      {(belonging) => (
        <span className="trial-secret">
          <input {...common} {...belonging} className="input" type={shown ? "text" : "password"} spellCheck={false} />
          <button type="button" className="trial-reveal" aria-pressed={shown} aria-controls={belonging.id} onClick={() => setShown(!shown)}>
            {shown ? "Hide" : "Show"}
          </button>
        </span>
      )}
    </Field>
  );
}

function ruleWords({ name, least, most }: Piece["rules"][number]): string {
  const at = most > 0 && least > 0 ? `${least} to ${most}` : least > 0 ? `at least ${least}` : `at most ${most}`;
  const what = {
    LengthValidator: "characters",
    NumeralValidator: "digits",
    UpperCaseValidator: "capital letters",
    LowerCaseValidator: "small letters",
    SpecialCharacterValidator: "special characters",
  }[name];
  return what && (least > 0 || most > 0) ? `${at} ${what}` : "";
}

function Tick({
  piece,
  on,
  mistake,
  onChange,
}: {
  piece: Piece;
  on: boolean;
  mistake: string | undefined;
  onChange: (on: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="tick">
      <input
        type="checkbox"
        id={id}
        form={domOf(piece.form)}
        data-identifier={piece.identifier}
        required={piece.required}
        checked={on}
        aria-invalid={mistake ? true : undefined}
        aria-describedby={mistake || piece.hint ? `${id}-about` : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <div className="field">
        <label htmlFor={id}>{piece.label || piece.identifier.split("/").at(-1)}</label>
        {(mistake || piece.hint) && (
          <span className={mistake ? "field-mistake" : "field-hint"} id={`${id}-about`}>
            {mistake ?? piece.hint}
          </span>
        )}
      </div>
    </div>
  );
}

interface RadioProps {
  piece: Piece;
  about: Omit<Said, "children">;
  value: string;
  onChange: (value: string) => void;
}

function Radio({ piece, about, value, onChange }: RadioProps) {
  const id = useId();
  const described = about.mistake ? `${id}-mistake` : undefined;
  return (
    <fieldset className="trial-set" aria-describedby={described}>
      <legend>
        {about.label} {about.optional && <span className="field-optional">(optional)</span>}
      </legend>
      {unique(piece.choices).map((choice) => (
        <label className="tick" key={choice.value}>
          <input
            type="radio"
            name={id}
            form={domOf(piece.form)}
            data-identifier={piece.identifier}
            required={piece.required}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
          />
          {choice.label}
        </label>
      ))}
      {about.hint && <span className="field-hint">{about.hint}</span>}
      {about.mistake && (
        <span className="field-mistake" id={described}>
          {about.mistake}
        </span>
      )}
    </fieldset>
  );
}
