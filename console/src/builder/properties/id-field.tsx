import { useState } from "react";
import { Input } from "../../ui/field";
import { canRename, rename } from "../model/edit/rename";
import { idOf, isStepKey, type Key } from "../model/flow";
import { look } from "../model/look";
import { useBench, useFlow } from "../state/context";

/**
 * IdField changes an id, and with it everything that leads there. While what is typed is no id yet, or another one's, the old id stays: else what leads
 * there would be lost on the way.
 */
export function IdField({ of }: { of: Key }) {
  const { editor } = useBench();
  const flow = useFlow();
  const [typed, setTyped] = useState<string>();
  const index = look(flow);
  const one = index.steps.get(of)?.step ?? index.components.get(of)?.component;
  if (!one) return null;
  const shown = typed ?? idOf(one);
  const taken = index.ids.get(shown)?.some((other) => other !== of) ?? false;
  const type = (id: string) => {
    const free = id !== "" && !index.ids.get(id)?.some((other) => other !== of);
    setTyped(free ? undefined : id);
    if (free) editor.do(rename(of, id));
  };
  return (
    <Input
      label="Id"
      hint={isStepKey(of) ? undefined : "Clients know it by this."}
      mistake={shown === "" ? "It needs one." : taken ? "Something else has this id too." : undefined}
      spellCheck={false}
      readOnly={!canRename(flow, of)}
      value={shown}
      onChange={(event) => type(event.target.value)}
      onBlur={() => setTyped(undefined)}
    />
  );
}
