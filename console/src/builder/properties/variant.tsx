import { Select } from "../../ui/field";
import { setMember } from "../model/edit/components";
import { type Component, key, kindOf } from "../model/flow";
import { variantsOf } from "../model/kinds";
import { kindWords, sentence } from "../model/words";
import { useBench } from "../state/context";

/** Variant chooses what a component of its type looks like. */
export function Variant({ component }: { component: Component }) {
  const { editor } = useBench();
  const variants = variantsOf[kindOf(component)];
  if (!variants) return null;
  const now = component.variant ?? "";
  const list = variants.includes(now.toUpperCase()) || now === "" ? variants : [now, ...variants];
  const word = (variant: string) => (kindOf(component) === "INPUT" ? kindWords("INPUT", variant) : sentence(variant.toLowerCase()));
  return (
    <Select
      label="Kind"
      options={[...(now === "" ? [{ value: "", label: "—" }] : []), ...list.map((value) => ({ value, label: word(value) }))]}
      value={list.find((one) => one === now) ?? list.find((one) => one === now.toUpperCase()) ?? ""}
      onChange={(event) => editor.do(setMember(component[key], "variant", event.target.value))}
    />
  );
}
