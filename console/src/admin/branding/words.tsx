import { Undo2 } from "lucide-react";
import { useState } from "react";
import { IconButton } from "../../ui/button";
import { Checkbox, Input } from "../../ui/field";
import { Empty } from "../../ui/shown";
import type { Mistakes } from "../mistakes";
import { Section } from "../page";
import type { Document } from "./document";

/** common is the screen whose texts may have any key. */
export const common = "common";

export interface WordsProps {
  screen: string;
  /** Our own texts, by key, and what an application takes over from the organisation. */
  own: Record<string, string>;
  inherited: Record<string, string>;
  value: Document;
  mistakes: Mistakes;
  disabled: boolean;
  onChange: (value: Document) => void;
}

/** screensOf are the first parts of the keys, each once. */
export const screensOf = (keys: string[]): string[] => [...new Set(keys.map((key) => key.split(".")[0] ?? key))].sort();

/** found are the keys of the screen that have all words of the text in them, in what they say or in what is said instead. */
export function found(own: Record<string, string>, says: Record<string, unknown>, screen: string, text: string): string[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return Object.keys(own)
    .filter((key) => screen === common || key.startsWith(`${screen}.`))
    .filter((key) => {
      const all = `${key} ${own[key]} ${says[key] ?? ""}`.toLowerCase();
      return words.every((word) => all.includes(word));
    })
    .sort();
}

/** Words is the form of texts. What is left empty says what we say. */
export function Words({ screen, own, inherited, value, mistakes, disabled, onChange }: WordsProps) {
  const [text, setText] = useState("");
  const [only, setOnly] = useState(false);
  const says = value.text as Record<string, unknown>;
  const keys = found(own, says, screen, text).filter((key) => !only || key in says);
  const set = (key: string, to: string) => {
    const { [key]: _, ...others } = says;
    onChange({ ...value, text: to ? { ...others, [key]: to } : others });
  };
  return (
    <Section title="Texts" about="What is left empty says what it says by itself. Words in {braces} are put in by the page.">
      <div className="list-head">
        <Input label="Search" type="search" value={text} onChange={({ target }) => setText(target.value)} />
        <Checkbox label="Only what was changed" checked={only} onChange={({ target }) => setOnly(target.checked)} />
      </div>
      <p className="list-count" role="status">
        {keys.length === 1 ? "1 text" : `${keys.length} texts`}, {Object.keys(says).length} changed
      </p>
      {keys.length === 0 && <Empty title="No text is like this" />}
      <div className="words">
        {keys.map((key) => {
          const mine = says[key];
          return (
            <div key={key} className="words-one">
              <Input
                label={<span className="words-key">{key}</span>}
                disabled={disabled}
                autoComplete="off"
                placeholder={inherited[key] ?? own[key]}
                hint={mine || inherited[key] ? own[key] : undefined}
                mistake={mistakes.at(`preference.text.${key}`)}
                value={typeof mine === "string" ? mine : ""}
                onChange={({ target }) => set(key, target.value)}
              />
              {mine !== undefined && !disabled && (
                <IconButton label={`${key}: back to what it says by itself`} onClick={() => set(key, "")}>
                  <Undo2 size={16} aria-hidden />
                </IconButton>
              )}
            </div>
          );
        })}
      </div>
    </Section>
  );
}
