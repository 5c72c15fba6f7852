import { Select } from "../../ui/field";
import { setMember } from "../model/edit/components";
import { type Component, key, kindOf } from "../model/flow";
import { componentKindOf } from "../model/meta";
import { sentence } from "../model/words";
import { useBench, useDeclared } from "../state/context";

/** Variant chooses what a component of its type looks like. */
export function Variant({ component }: { component: Component }) {
  const { editor } = useBench();
  const { meta } = useDeclared();
  const kinds = componentKindOf(meta, kindOf(component))?.kinds ?? [];
  if (kinds.length < 2) return null;
  const variants = kinds.map((one) => one.variant);
  const now = component.variant ?? "";
  const list = variants.includes(now.toUpperCase()) || now === "" ? variants : [now, ...variants];
  const word = (variant: string) => kinds.find((one) => one.variant === variant)?.label ?? sentence(variant.toLowerCase());
  return (
    <Select
      label="Kind"
      options={[...(now === "" ? [{ value: "", label: "—" }] : []), ...list.map((value) => ({ value, label: word(value) }))]}
      value={list.find((one) => one === now) ?? list.find((one) => one === now.toUpperCase()) ?? ""}
      onChange={(event) => editor.do(setMember(component[key], "variant", event.target.value))}
    />
  );
}
