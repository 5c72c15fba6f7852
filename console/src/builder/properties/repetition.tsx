import { Checkbox } from "../../ui/field";
import { repeat, repetitionOf } from "../model/edit/repetition";
import type { Key } from "../model/flow";
import { useBench, useFlow } from "../state/context";

/** Repetition has a new password entered twice. */
export function Repetition({ of }: { of: Key }) {
  const { editor } = useBench();
  const twice = repetitionOf(useFlow(), of) !== undefined;
  return (
    <Checkbox
      label="Require confirmation"
      hint="People enter it twice, in two fields."
      checked={twice}
      onChange={() => editor.do(repeat(editor.flow, of, !twice))}
    />
  );
}
