import { useSyncExternalStore } from "react";
import type { Editor } from "../model/editor";
import type { Flow, Key } from "../model/flow";
import { key } from "../model/flow";
import { type Problem, placeOf } from "../model/problems/problem";
import type { Checker } from "../problems/checker";
import { useBench } from "./context";

type Counts = ReadonlyMap<Key, number>;

let last: { flow: Flow; problems: readonly Problem[]; counts: Counts } | undefined;

/** countsOf says how many problems each step and component has; a step those of its components as well. */
function countsOf(editor: Editor, checker: Checker): Counts {
  const { flow } = editor;
  const { problems } = checker.checked();
  if (last?.flow === flow && last.problems === problems) return last.counts;
  const counts = new Map<Key, number>();
  const add = (of: Key | undefined) => of !== undefined && counts.set(of, (counts.get(of) ?? 0) + 1);
  for (const problem of problems) {
    const place = placeOf(flow, problem);
    add(place.key);
    if (place.step && place.step[key] !== place.key) add(place.step[key]);
  }
  last = { flow, problems, counts };
  return counts;
}

/** useTrouble is how many problems a step or component has; whoever uses it is drawn again only when that changes. */
export function useTrouble(of: Key): number {
  const { editor, checker } = useBench();
  return useSyncExternalStore(
    (listener) => {
      const ends = [editor.subscribe(listener), checker.subscribe(listener)];
      return () => {
        for (const end of ends) end();
      };
    },
    () => countsOf(editor, checker).get(of) ?? 0,
  );
}
