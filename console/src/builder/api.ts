import type { Texts } from "../api/texts";
import type { Attribute, Meta, Template } from "./model/meta";
import type { Problem } from "./model/problems/problem";

/** Who saved a draft last, and when. */
export interface Saved {
  revision: number;
  saved: string;
  author?: { name: string };
}

/** What there is to edit. */
export interface Loaded {
  /** The document's JSON text. */
  text: string;
  /** undefined where there is no draft: then it is what is live. */
  draft: Saved | undefined;
  /** The number of the version that it is, or was made from; undefined where there is none yet. Another may be live by now. */
  base?: number | undefined;
}

/** BuilderApi is all that the builder asks of a server. Its methods throw Offline, DraftChanged, or an Error whose message a person can read. */
export interface BuilderApi {
  meta(flowType: string): Promise<Omit<Meta, "texts">>;
  templates(flowType: string): Promise<Template[]>;
  attributes(): Promise<Attribute[]>;
  /** texts are what keys in braces say on the hosted pages, in English. */
  texts(): Promise<Texts>;
  /** load returns the draft, else what is live. */
  load(flowType: string): Promise<Loaded>;
  /**
   * save stores the draft in place of the revision that was seen, undefined for none, as one made from the version base. What is there already may be saved again, whatever was seen. It
   * throws DraftChanged where somebody else has saved meanwhile.
   */
  save(flowType: string, text: string, seen: number | undefined, base?: number): Promise<Saved & { problems: Problem[] }>;
  validate(text: string, signal: AbortSignal): Promise<Problem[]>;
  /** back ends when the server can be reached, as far as is known. */
  back(signal: AbortSignal): Promise<void>;
}

/** Offline is thrown where no answer came: whether the server did what it was asked is not known. */
export class Offline extends Error {
  override readonly name = "Offline";
}

/** DraftChanged is thrown where the draft is another one than was seen. */
export class DraftChanged extends Error {
  override readonly name = "DraftChanged";

  /** current is the draft that there is; undefined where it was published or discarded. */
  constructor(readonly current: Saved | undefined) {
    super("The draft was changed by somebody else.");
  }
}
