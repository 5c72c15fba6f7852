import type { Answer, Inputs, Said } from "../../api/sandbox";
import type { Texts } from "../../api/texts";
import { type Piece, readPieces } from "./piece";

/** Page is what a person has before them. */
export interface Page {
  pieces: Piece[];
  /** All pieces, in the order in which they are read. */
  all: Piece[];
  /** Those that a person fills in. */
  fields: Piece[];
  messages: readonly Said[];
  heading: string;
  captcha: boolean;
}

/** What was typed, by identifier; of a consent the ids that were agreed to, a line each. */
export type Typed = Readonly<Record<string, string>>;

const filled = new Set(["INPUT", "POLICY", "PREFERENCE"]);
const isConsent = (piece: Piece) => piece.type === "POLICY" || piece.type === "PREFERENCE";
const isSecret = (piece: Piece) => piece.variant === "PASSWORD" || piece.variant === "OTP";

export function readPage({ data }: Pick<Answer, "data">, words: Texts = {}): Page {
  const pieces = readPieces(data.components ?? [], words);
  const all = flat(pieces);
  const texts = all.filter((one) => one.type === "TYPOGRAPHY" && one.text !== "");
  return {
    pieces,
    all,
    fields: all.filter((one) => filled.has(one.type)),
    messages: data.messages ?? [],
    heading: (texts.find((one) => /^H\d$/.test(one.variant)) ?? texts[0])?.text ?? "",
    captcha: all.some((one) => one.type === "CAPTCHA"),
  };
}

const flat = (pieces: readonly Piece[]): Piece[] => pieces.flatMap((one) => [one, ...flat(one.children)]);

/** initial is what stands in the fields of a page: on the same page again what was typed before and is no secret. */
export function initial(page: Page, before: Page | undefined, typed: Typed): Typed {
  const same = before !== undefined && ids(before) === ids(page);
  return Object.fromEntries(
    page.fields.map((field) => {
      const kept = same && !isSecret(field) ? typed[field.identifier] : undefined;
      return [field.identifier, kept ?? (isSecret(field) ? "" : field.initial)];
    }),
  );
}

const ids = (page: Page) => page.all.map((one) => one.id).join("\n");

/** inputsOf is what a form sends. */
export function inputsOf(page: Page, form: string, typed: Typed): Inputs {
  const inputs: Inputs = {};
  for (const field of page.fields) {
    if (field.form !== form) continue;
    const value = typed[field.identifier] ?? "";
    if (isConsent(field)) inputs[field.identifier] = consentOf(field, value.split("\n"));
    else inputs[field.identifier] = field.variant === "CHECKBOX" ? String(value === "true") : value;
  }
  return inputs;
}

/** consentOf is what the inputs "consent" and "preference" take. */
function consentOf(field: Piece, accepted: readonly string[]): string {
  const kind = field.type === "POLICY" ? "Policy" : "Preference";
  const purposes = field.purposes.map(({ id }) => ({ id, accepted: accepted.includes(id), attributes: [] }));
  return JSON.stringify({ [kind]: { purposes } });
}

/** mistakesAt are what the flow has against a field's value. */
export const mistakesAt = (page: Page, field: Piece): string[] =>
  page.messages.filter((one) => one.type === "ERROR" && one.identifier === field.identifier).map((one) => one.message);

/** elsewhere are the messages that are at no field. */
export const elsewhere = (page: Page): Said[] => {
  const named = new Set(page.fields.map((one) => one.identifier));
  return page.messages.filter((one) => one.type !== "ERROR" || one.identifier === undefined || !named.has(one.identifier));
};

/** codeField is where a code from a message belongs: the field for codes, else one that is called so; undefined where there is none. */
export const codeField = (page: Page): Piece | undefined =>
  page.fields.find((one) => one.variant === "OTP") ?? page.fields.find((one) => one.type === "INPUT" && /code|otp/i.test(one.identifier));
