import type { Mark } from "../../api/sandbox";
import { toneOf, wordsOf } from "../way";

export interface PathProps {
  path: readonly Mark[];
  canvas: { nameOf(stepId: string): string; taskOf(executor: string): string; show(stepId: string): void };
}

/** Path is what happened, in order. Each entry shows its step on the canvas. */
export function Path({ path, canvas }: PathProps) {
  if (path.length === 0) return <p className="field-hint">It begins with the flow.</p>;
  return (
    <ol className="trial-path">
      {path.map((mark, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries are only ever added at the end
        <li key={i} className={`trial-mark-${toneOf(mark)}`} aria-current={i === path.length - 1 ? "step" : undefined}>
          <button type="button" onClick={() => canvas.show(mark.stepId)}>
            {canvas.nameOf(mark.stepId)}
          </button>
          <span>
            {mark.executor ? `${canvas.taskOf(mark.executor)}: ` : ""}
            {wordsOf(mark)}
          </span>
        </li>
      ))}
    </ol>
  );
}
