import { Plus, X } from "lucide-react";
import { Button, IconButton } from "../../ui/button";
import { setConfig } from "../model/edit/components";
import { type Component, key } from "../model/flow";
import { isMembers, type Json, type Members } from "../model/json";
import { useBench } from "../state/context";

/** OptionsField changes what there is to choose from: what people read, and what is sent. */
export function OptionsField({ component }: { component: Component }) {
  const { editor } = useBench();
  const { options } = component.config ?? {};
  const list: Json[] = Array.isArray(options) ? options : [];
  const set = (after: Json[]) => editor.do(setConfig(component[key], "options", after));
  const change = (i: number, name: string, value: string) => {
    const one = list[i];
    set(list.with(i, { ...(isMembers(one) ? one : {}), [name]: value }));
  };
  return (
    <fieldset className="options">
      <legend className="field-label">Choices</legend>
      {list.map((one, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: choices have nothing else that is theirs alone
        <div className="option" key={i}>
          <input
            className="input"
            aria-label={`Choice ${i + 1}, what people read`}
            value={textOf(one, "label")}
            onChange={(event) => change(i, "label", event.target.value)}
          />
          <input
            className="input"
            aria-label={`Choice ${i + 1}, what is sent`}
            value={textOf(one, "value")}
            onChange={(event) => change(i, "value", event.target.value)}
          />
          <IconButton label={`Delete choice ${i + 1}`} onClick={() => set(list.toSpliced(i, 1))}>
            <X size={15} />
          </IconButton>
        </div>
      ))}
      <Button onClick={() => set([...list, nextOption(list)])}>
        <Plus size={15} aria-hidden /> Add a choice
      </Button>
    </fieldset>
  );
}

const textOf = (one: Json, name: string): string => {
  const value = isMembers(one) ? one[name] : undefined;
  return typeof value === "string" ? value : "";
};

function nextOption(list: readonly Json[]): Members {
  const taken = new Set(list.map((one) => textOf(one, "key")));
  let n = list.length + 1;
  while (taken.has(String(n))) n++;
  return { key: String(n), label: `Choice ${n}`, value: `choice${n}` };
}
