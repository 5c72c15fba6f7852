import { fireEvent, render, waitFor } from "@testing-library/react";
import { vi } from "vitest";
import { type BuilderApi, DraftChanged, type Loaded, Offline } from "./api";
import { Builder, type BuilderProps } from "./builder";
import { type Flow, readFlow } from "./model/flow";
import { meta, starters } from "./model/kit";
import type { Problem } from "./model/problems/problem";

// What the tests of the builder's pages share. Nothing of the console imports it.

/** FakeServer keeps one draft, and says of flows what it is told to. */
export class FakeServer implements BuilderApi {
  revision: number | undefined;
  up = true;
  /** What is wrong with a flow. */
  wrong: (flow: Flow) => Problem[] = () => [];
  private waiting: (() => void)[] = [];

  constructor(public text: string) {}

  get flow(): Flow {
    return readFlow(this.text);
  }

  meta = async () => meta;
  attributes = async () => [];
  texts = async () => ({ "sign.up": "Sign up" });
  templates = async () => starters.slice(0, 2).map(({ name, text }) => ({ label: name, definition: JSON.parse(text) }));

  async load(): Promise<Loaded> {
    if (!this.up) throw new Offline("The server cannot be reached.");
    const draft =
      this.revision === undefined ? undefined : { revision: this.revision, saved: new Date().toISOString(), author: { name: "ada" } };
    return { text: this.text, draft };
  }

  async save(_: string, text: string, seen: number | undefined) {
    if (!this.up) throw new Offline();
    if (text !== this.text && seen !== this.revision) throw new DraftChanged(undefined);
    this.put(text);
    return { revision: this.revision ?? 0, saved: new Date().toISOString(), problems: [] };
  }

  /** put is what somebody else saves. */
  put(text: string): void {
    this.text = text;
    this.revision = (this.revision ?? 0) + 1;
  }

  async validate(text: string): Promise<Problem[]> {
    if (!this.up) throw new Offline();
    return this.wrong(readFlow(text));
  }

  back(): Promise<void> {
    return this.up ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
  }

  comeBack(): void {
    this.up = true;
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

/** What the canvas asks of a browser, and jsdom does not have: sizes, and who tells of them. */
export function mockBrowser(): void {
  class Observer {
    constructor(private readonly tell: ResizeObserverCallback) {}
    observe(target: Element) {
      this.tell([{ target } as ResizeObserverEntry], this as unknown as ResizeObserver);
    }
    unobserve() {}
    disconnect() {}
  }
  class Matrix {
    readonly m22: number;
    constructor(transform: string) {
      this.m22 = Number(/scale\(([\d.]+)\)/.exec(transform)?.[1] ?? 1);
    }
  }
  vi.stubGlobal("ResizeObserver", Observer);
  vi.stubGlobal("DOMMatrixReadOnly", Matrix);
  const fixed = (name: "offsetWidth" | "offsetHeight", value: number) =>
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value });
  fixed("offsetWidth", 280);
  fixed("offsetHeight", 200);
  HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement) {
    this.open = false;
  };
}

/** open shows the builder of a flow, and ends once there is something to see. */
export async function open(server: FakeServer, props: Partial<BuilderProps> = {}) {
  const shown = render(<Builder flowType="REGISTRATION" api={server} {...props} />);
  // The canvas takes its steps over in a moment of its own.
  await waitFor(() => {
    if (!document.querySelector(".react-flow__node .step")) throw new Error("there are no steps yet");
  });
  return shown;
}

/** node is a step on the canvas, by the beginning of its name. */
export const node = (name: string): HTMLElement => {
  const found = [...document.querySelectorAll<HTMLElement>(".react-flow__node")].find((one) =>
    one.getAttribute("aria-label")?.includes(name),
  );
  if (!found) throw new Error(`there is no step ${name}`);
  return found;
};

/** piece is a component on the canvas, by its whole name. */
export const piece = (name: string): HTMLElement => {
  const found = [...document.querySelectorAll<HTMLElement>(".piece")].find((one) => one.getAttribute("aria-label") === name);
  if (!found) throw new Error(`there is no component ${name}`);
  return found;
};

/** choose clicks on something on the canvas. Its dragging, which jsdom cannot do, does not see that. */
export function choose(element: HTMLElement): void {
  fireEvent.click(element);
}

/** button is a button or tab by its name. Asking for its role would have jsdom compute the style of everything, each time. */
export function button(name: string, within: ParentNode = document): HTMLButtonElement {
  const found = [...within.querySelectorAll("button")].find((one) => (one.getAttribute("aria-label") ?? one.textContent?.trim()) === name);
  if (!found) throw new Error(`there is no button ${name}`);
  return found;
}

/** findButton waits for one. */
export const findButton = (name: string): Promise<HTMLButtonElement> => waitFor(() => button(name), { timeout: 4000 });
