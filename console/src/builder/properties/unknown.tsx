import { type Json, type Members, serialise } from "../model/json";

/** Unknown shows what the document has beside what can be changed here. It is kept as it is. */
export function Unknown({ holder, known }: { holder: Members | null | undefined; known: readonly string[] }) {
  const rest = Object.entries(holder ?? {}).filter(([name, value]) => !known.includes(name) && value !== undefined);
  if (rest.length === 0) return null;
  return (
    <details className="unknown">
      <summary>Other properties</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it may have to be scrolled */}
      <pre tabIndex={0}>{serialise(Object.fromEntries(rest) as Json, 2)}</pre>
    </details>
  );
}
