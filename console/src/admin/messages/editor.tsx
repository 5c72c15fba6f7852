import { type RefObject, useRef } from "react";
import { flushSync } from "react-dom";
import { Button } from "../../ui/button";
import { Input, TextArea } from "../../ui/field";
import { Section } from "../page";
import type { Listed, Placeholder } from "./api";
import { brace, inserted } from "./words";

export interface Written {
  subject: string;
  body: string;
}

type Field = keyof Written;
type Area = HTMLInputElement | HTMLTextAreaElement;

export interface EditorProps {
  template: Listed;
  value: Written;
  mistake: (field: Field) => string | undefined;
  disabled: boolean;
  onChange: (part: Partial<Written>) => void;
}

/** Editor is where the words are written. */
export function Editor({ template, value, mistake, disabled, onChange }: EditorProps) {
  const subject = useRef<HTMLInputElement>(null);
  const body = useRef<HTMLTextAreaElement>(null);
  /** Where a placeholder goes: where the caret was last. */
  const last = useRef<Field>("body");
  const insert = (one: Placeholder) => {
    const field = last.current === "subject" && one.inSubject ? "subject" : "body";
    const area: Area | null = (field === "subject" ? (subject as RefObject<Area | null>) : body).current;
    if (!area) return;
    const next = inserted(
      value[field],
      brace(one.name),
      area.selectionStart ?? value[field].length,
      area.selectionEnd ?? value[field].length,
    );
    flushSync(() => onChange({ [field]: next.value }));
    area.focus();
    area.setSelectionRange(next.caret, next.caret);
  };
  const mail = template.channel === "email";
  return (
    <Section title="Words">
      {mail && (
        <Input
          ref={subject}
          label="Subject"
          disabled={disabled}
          value={value.subject}
          mistake={mistake("subject")}
          onFocus={() => {
            last.current = "subject";
          }}
          onChange={({ target }) => onChange({ subject: target.value })}
        />
      )}
      <TextArea
        ref={body}
        label="Body"
        rows={mail ? 14 : 5}
        className="input"
        disabled={disabled}
        value={value.body}
        mistake={mistake("body")}
        hint={
          mail
            ? "After the greeting. An empty line begins a paragraph. A paragraph that is the code alone is drawn large; one whose last line is the link is a button."
            : "The line by which browsers fill in the code follows by itself."
        }
        onFocus={() => {
          last.current = "body";
        }}
        onChange={({ target }) => onChange({ body: target.value })}
      />
      <div className="placeholders">
        <h3>Placeholders</h3>
        <dl>
          {template.placeholders.map((one) => (
            <div key={one.name}>
              <dt>
                {disabled ? (
                  <code>{brace(one.name)}</code>
                ) : (
                  <Button aria-label={`Insert ${brace(one.name)}`} onClick={() => insert(one)}>
                    <code>{brace(one.name)}</code>
                  </Button>
                )}
              </dt>
              <dd>
                {one.meaning} {one.required && <strong>The body must have it.</strong>}
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </Section>
  );
}
