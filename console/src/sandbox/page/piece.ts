import type { Drawn } from "../../api/sandbox";
import { said, type Texts } from "../../api/texts";

/**
 * Piece is a component as it is drawn: what its config says, in types. Configs are written by people, so a value of another type than expected counts as
 * absent (as in portal/component.go).
 */
export interface Piece {
  id: string;
  /** Upper case, as the variant. */
  type: string;
  variant: string;
  /** What its button submits. */
  action: string;
  children: Piece[];
  identifier: string;
  label: string;
  text: string;
  hint: string;
  placeholder: string;
  initial: string;
  /** What kind of button it is: "submit" or "button". */
  kind: string;
  src: string;
  alt: string;
  required: boolean;
  length: number;
  rules: Rule[];
  choices: Choice[];
  purposes: Purpose[];
  /** The form whose values it sends, or is sent with. */
  form: string;
}

export interface Rule {
  name: string;
  least: number;
  most: number;
  pattern: string;
}

export interface Choice {
  value: string;
  label: string;
}

export interface Purpose {
  id: string;
  name: string;
  about: string;
  mandatory: boolean;
  address: string;
}

/** The form of what stands in none. */
export const loose = "loose";

const deepest = 16;

/** readPieces reads the components of an answer. Keys of texts are read as what they say. */
export function readPieces(list: readonly Drawn[], texts: Texts = {}, form = loose, depth = 0): Piece[] {
  if (depth > deepest) return [];
  return list.map((one) => {
    const piece = worded(readPiece(one, form), texts);
    const inner = piece.type === "FORM" && form === loose ? piece.id : form; // HTML knows no forms in forms
    return { ...piece, form: inner, children: readPieces(one.components ?? [], texts, inner, depth + 1) };
  });
}

/** worded says it in words. Of rich text the words are no markup. */
function worded(piece: Piece, texts: Texts): Piece {
  const words = (text: string) => said(text, texts);
  const isRich = piece.type === "RICH_TEXT";
  return {
    ...piece,
    label: words(piece.label),
    text: isRich ? said(piece.text, escaped(texts)) : words(piece.text),
    hint: words(piece.hint),
    placeholder: words(piece.placeholder),
    alt: words(piece.alt),
    choices: piece.choices.map((one) => ({ ...one, label: words(one.label) })),
    purposes: piece.purposes.map((one) => ({ ...one, name: words(one.name), about: words(one.about) })),
  };
}

const markup: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (texts: Texts): Texts =>
  Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, text.replace(/[&<>"']/g, (one) => markup[one] ?? one)]));

function readPiece(one: Drawn, form: string): Piece {
  const config: Record<string, unknown> = one.config ?? {};
  const text = (name: string) => (typeof config[name] === "string" ? config[name] : "");
  const type = one.type.toUpperCase();
  return {
    id: one.id,
    type,
    variant: (one.variant ?? "").toUpperCase(),
    action: one.actionId || one.id,
    children: [],
    identifier: { POLICY: "consent", PREFERENCE: "preference" }[type] ?? (text("identifier") || text("name") || one.id),
    label: text("label"),
    text: text(type === "POLICY" || type === "PREFERENCE" ? "description" : "text"),
    hint: text("hint"),
    placeholder: text("placeholder"),
    initial: text("defaultValue"),
    kind: text("type").toLowerCase(),
    src: picture(text(type === "BUTTON" ? "image" : "src")),
    alt: text("alt"),
    required: config.required === true || config.required === "true",
    length: Math.max(Number(config.length) || 0, 0),
    rules: records(config.validations).map(readRule),
    choices: records(config.options).map(readChoice),
    purposes: records(config.purposes).map(readPurpose),
    form,
  };
}

/** picture is the address of an image if one may come from there: this server, or another by https; else "". */
function picture(address: string): string {
  if (/^\/(?!\/)/.test(address) && !address.includes("\\")) return address;
  return URL.canParse(address) && new URL(address).protocol === "https:" ? address : "";
}

type Members = Record<string, unknown>;
const records = (value: unknown): Members[] =>
  Array.isArray(value) ? value.filter((one): one is Members => typeof one === "object" && one !== null) : [];
const string = (value: unknown): string => (typeof value === "string" ? value : "");

function readRule({ name, conditions }: Members): Rule {
  const condition = (key: string) => string(records(conditions).find((one) => one.key === key)?.value);
  const count = (key: string) => Math.max(Number.parseInt(condition(key), 10) || 0, 0);
  return { name: string(name), least: count("min.length"), most: count("max.length"), pattern: condition("pattern") };
}

function readChoice({ key, label, value }: Members): Choice {
  const chosen = string(value) || string(key);
  return { value: chosen, label: string(label) || chosen };
}

function readPurpose({ purposeId, name, description, mandatory, policyUrl }: Members): Purpose {
  const address = string(policyUrl);
  return {
    id: string(purposeId),
    name: string(name) || string(purposeId),
    about: string(description),
    mandatory: mandatory === true,
    address: /^https?:\/\//i.test(address) ? address : "",
  };
}
