import { type Action, configText, type Flow, idOf, type Key, key } from "./flow";
import { look } from "./look";
import { executorWords, type Meta, noMeta } from "./meta";
import type { Part } from "./parts";
import { kindWords, stepKind, wordsOfComponent, wordsOfStep } from "./words";

/** Hit is something that was searched for: a place of the flow, or a part to add. */
export type Hit = { label: string; about: string } & ({ key: Key } | { part: Part });

/** find lists what has all the words, places first, those whose name begins with the text before the others. */
export function find(flow: Flow, parts: readonly Part[], text: string, meta: Meta = noMeta, most = 30): Hit[] {
  const runs = (action: Action | null | undefined) => {
    const name = action?.executor?.name;
    return name && `${name} ${executorWords(meta, name)}`;
  };
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const hits: { hit: Hit; in: string }[] = [
    ...flow.steps.map((step) => ({
      hit: { key: step[key], label: wordsOfStep(step, meta), about: stepKind(step) },
      in: [wordsOfStep(step, meta), idOf(step), runs(step.data?.action)].join(" "),
    })),
    ...[...look(flow).components.values()].map(({ component, step }) => ({
      hit: {
        key: component[key],
        label: wordsOfComponent(component, meta),
        about: `${kindWords(component.type ?? "", component.variant ?? "")} on ${wordsOfStep(step, meta)}`,
      },
      in: [
        wordsOfComponent(component, meta),
        wordsOfComponent(component), // who looks for a key finds it
        idOf(component),
        component.type,
        component.variant,
        configText(component, "identifier"),
        runs(component.action),
      ].join(" "),
    })),
    ...parts.map((part) => ({
      hit: { part, label: part.label, about: `Add · ${part.summary || part.group}` },
      in: [part.label, part.group, part.summary].join(" "),
    })),
  ];
  const start = text.trim().toLowerCase();
  return hits
    .filter((one) => words.every((word) => one.in.toLowerCase().includes(word)))
    .map((one, i) => ({ hit: one.hit, rank: (one.in.toLowerCase().startsWith(start) ? 0 : hits.length) + i }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map((one) => one.hit);
}
