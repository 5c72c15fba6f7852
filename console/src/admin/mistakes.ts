import { explain, Refused } from "../api/problem";

/** What is wrong, by the path of the field that it is about as the API names it. */
export class Mistakes {
  private readonly list: { path: string; text: string }[];

  /** paths are the fields of the form; about are those that a refusal is about that names none, by its code. */
  constructor(
    private readonly error: unknown,
    private readonly paths: readonly string[],
    about: Record<string, string> = {},
  ) {
    this.list = said(error, paths);
    if (error instanceof Refused && about[error.code] && this.list.length === 0)
      this.list = [{ path: about[error.code] ?? "", text: error.problem.description || error.problem.message }];
  }

  /** at returns what to say at the field, undefined where nothing is wrong. Of a list it is said which line. */
  at(path: string): string | undefined {
    const texts = this.list.filter((one) => one.path === path || line(one.path, path) !== undefined);
    if (texts.length === 0) return undefined;
    return texts.map((one) => sentence(one.text, line(one.path, path))).join(" ");
  }

  /** rest returns what to say of the whole form: what no field of it says; undefined where nothing is wrong. */
  get rest(): string | undefined {
    if (!this.error) return undefined;
    const others = this.list.filter((one) => !this.paths.some((path) => one.path === path || line(one.path, path) !== undefined));
    if (this.list.length === 0) return explain(this.error);
    if (others.length === 0) return "Nothing was saved. What has to change is marked.";
    return `Nothing was saved. ${others.map((one) => `${one.path} ${one.text}`.trim()).join(" ")}`;
  }
}

/** said are the faults that a refusal lists; or its description, where that begins with a field. */
function said(error: unknown, paths: readonly string[]): { path: string; text: string }[] {
  if (!(error instanceof Refused)) return [];
  const { errors, description } = error.problem;
  if (Array.isArray(errors)) return errors.map((one) => apart(String(one)));
  const only = apart(description);
  return paths.includes(only.path) ? [only] : [];
}

/** apart takes the path off the front of a sentence, where one is there. */
function apart(sentence: string): { path: string; text: string } {
  const [, path, text] = /^([A-Za-z][\w:.[\]-]*) (.*)$/s.exec(sentence) ?? [];
  return path && text ? { path, text } : { path: "", text: sentence };
}

/** line returns which line of the list it is about, counted from 1. */
function line(path: string, list: string): number | undefined {
  const [, at] = path.startsWith(list) ? (/^\[(\d+)\]/.exec(path.slice(list.length)) ?? []) : [];
  return at === undefined ? undefined : Number(at) + 1;
}

function sentence(text: string, at: number | undefined): string {
  const whole = at === undefined ? text.charAt(0).toUpperCase() + text.slice(1) : `Line ${at} ${text}`;
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
