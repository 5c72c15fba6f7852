import type { Listed } from "./api";

export const channels: Record<Listed["channel"], string> = { email: "E-mails", sms: "Text messages" };

/** languageName is what a language is called, its tag where nobody knows. */
export function languageName(tag: string): string {
  return new Intl.DisplayNames(undefined, { type: "language", fallback: "code" }).of(tag) ?? tag;
}

export const brace = (name: string): string => `{{${name}}}`;

/** inserted puts the text in the place of what is selected, and says where the caret is then. */
export function inserted(value: string, text: string, start: number, end: number): { value: string; caret: number } {
  return { value: value.slice(0, start) + text + value.slice(end), caret: start + text.length };
}
