import { createContext, useContext } from "react";
import type { Ready } from "./draft/use-draft";
import { END, type Flow, idOf, type Key, key } from "./model/flow";
import { noEnd } from "./model/links";
import { executorWords, type Meta } from "./model/meta";
import { wordsOfStep } from "./model/words";

/** Outside is what the page around the builder may know of it, and ask of it. It stays the same object. */
export interface Outside {
  /** text is the document as it is on the canvas, to the byte as it is saved. */
  text(): string;
  /** subscribe calls the listener after each change; what it returns ends that. */
  subscribe(listener: () => void): () => void;
  /** problems is how many are known that keep what is on the canvas from running. */
  problems(): number;
  watchProblems(listener: () => void): () => void;
  /** save stores what is on the canvas. It tells whether all of it is stored. */
  save(): Promise<boolean>;
  /** published tells the builder that its draft of the revision went live. */
  published(revision: number): void;
  /** The revision of the draft that the server has of what is here, undefined for none. */
  revision(): number | undefined;
  /** show selects a step by its id, brings it into sight and puts the focus there. */
  show(stepId: string): void;
  /** nameOf is what people call the step, by its id. */
  nameOf(stepId: string): string;
  /** taskOf is what people call an executor, by its name. */
  taskOf(executor: string): string;
}

export const OutsideContext = createContext<Outside | undefined>(undefined);

/** useOutside is for what stands in the builder's slots. */
export function useOutside(): Outside {
  const outside = useContext(OutsideContext);
  if (!outside) throw new Error("there is no builder around this");
  return outside;
}

export function outsideOf({ editor, saver, checker }: Omit<Ready, "declared">, meta: Meta, show: (of: Key) => void): Outside {
  return {
    text: () => editor.text(),
    subscribe: editor.subscribe,
    problems: () => checker.checked().problems.length,
    watchProblems: checker.subscribe,
    save: async () => {
      await saver.flush();
      return !saver.unsaved;
    },
    published: (revision) => saver.published(revision),
    revision: () => saver.revision,
    show(stepId) {
      const step = keyOf(editor.flow, stepId);
      if (step !== undefined) show(step);
    },
    taskOf: (executor) => executorWords(meta, executor),
    nameOf(stepId) {
      const step = editor.flow.steps.find((one) => idOf(one) === stepId);
      return step ? wordsOfStep(step, meta) : stepId === END ? "End" : stepId;
    },
  };
}

/** keyOf is the key of the step with the id. A flow need not have a step END to have an end. */
export function keyOf(flow: Flow, stepId: string): Key | undefined {
  return flow.steps.find((step) => idOf(step) === stepId)?.[key] ?? (stepId === END ? noEnd : undefined);
}
