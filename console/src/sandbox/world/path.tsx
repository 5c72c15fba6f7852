import type { Mark } from "../../api/sandbox";
import { toneOf, wordsOf } from "../way";

export interface PathProps {
  path: readonly Mark[];
  nameOf: (stepId: string) => string;
  onShow: (stepId: string) => void;
}

/** Path is what happened, in order. Each entry shows its step on the canvas. */
export function Path({ path, nameOf, onShow }: PathProps) {
  if (path.length === 0) return <p className="field-hint">It begins with the flow.</p>;
  return (
    <ol className="trial-path">
      {path.map((mark, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries are only ever added at the end
        <li key={i} className={`trial-mark-${toneOf(mark)}`} aria-current={i === path.length - 1 ? "step" : undefined}>
          <button type="button" onClick={() => onShow(mark.stepId)}>
            {nameOf(mark.stepId)}
          </button>
          <span>
            {mark.executor ? `${spaced(mark.executor)} ` : ""}
            {wordsOf(mark)}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** spaced makes words of a name that is written in one: EmailOTPExecutor is "Email OTP". */
const spaced = (name: string): string =>
  name
    .replace(/Executor$/, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2");
