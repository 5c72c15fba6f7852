import { useState } from "react";
import { Input, Select } from "../../ui/field";
import { setConfig } from "../model/edit/components";
import { all } from "../model/edit/edit";
import { repetition } from "../model/edit/repetition";
import { type Component, configText, key } from "../model/flow";
import type { Attribute, Meta } from "../model/meta";
import { useBench, useDeclared } from "../state/context";

/** What is chosen for anything that is not on the list. */
const other = "\0other";

/** IdentifierField says what a field asks for: a user attribute, what an executor reads, or something of one's own. */
export function IdentifierField({ component, name, label: title }: { component: Component; name: string; label: string }) {
  const { editor } = useBench();
  const { attributes, meta } = useDeclared();
  const value = configText(component, name);
  const options = identifiers(attributes, meta);
  const listed = listedAs(value, options, attributes.length > 0 ? attributes : meta.attributeMetadata);
  const [free, setFree] = useState(value !== "" && listed === undefined);
  const of = component[key];
  const choose = (identifier: string) => {
    setFree(identifier === other);
    if (identifier === other) return;
    // A label that only said what was asked for before says what is asked for now.
    const label = configText(component, "label");
    const follows = label === "" || options.some((one) => one.label === label);
    const said = options.find((one) => one.value === identifier)?.label;
    const edits = [setConfig(of, name, identifier), ...(follows && said ? [setConfig(of, "label", said)] : [])];
    editor.do(all("Ask for something else", edits));
  };
  return (
    <>
      <Select
        label={title}
        options={[{ value: "", label: "—" }, ...options, { value: other, label: "Something else …" }]}
        value={free || (value !== "" && listed === undefined) ? other : (listed ?? "")}
        onChange={(event) => choose(event.target.value)}
      />
      {(free || (value !== "" && listed === undefined)) && (
        <Input
          label="Identifier"
          hint="The name of the input, or an attribute's URI."
          spellCheck={false}
          value={value}
          onChange={(event) => editor.do(setConfig(of, name, event.target.value))}
        />
      )}
    </>
  );
}

/** listedAs is the entry of the list that an identifier stands for: itself, or the attribute that has it as its short name or at the end of its URI, as the server reads it (identity.Catalog). */
export function listedAs(identifier: string, options: readonly { value: string }[], attributes: readonly Attribute[]): string | undefined {
  const name = identifier.toLowerCase();
  const called = (...names: (string | undefined)[]) => names.some((one) => one?.toLowerCase() === name);
  const attribute =
    attributes.find((one) => called(one.claimURI, one.shortName)) ?? attributes.find((one) => called(one.claimURI.split("/").at(-1)));
  return [identifier, attribute?.claimURI].find((one) => options.some((option) => option.value === one));
}

/** identifiers lists the attributes, and beside them what people enter for executors. */
export function identifiers(attributes: readonly Attribute[], meta: Meta): { value: string; label: string }[] {
  const claims = (attributes.length > 0 ? attributes : meta.attributeMetadata).filter((one) => !one.readOnly);
  const known = new Set(meta.attributeMetadata.map((one) => one.claimURI));
  const own = claims.filter((one) => known.size === 0 || known.has(one.claimURI)).map((one) => ({ value: one.claimURI, label: one.name }));
  const entered = new Map(meta.executors.flatMap(({ fields }) => (fields ?? []).map((one) => [one.identifier, one.label])));
  const inputs = [...entered].filter(([value]) => !value.includes("://")).map(([value, label]) => ({ value, label }));
  const password = inputs.findIndex((one) => one.value === "password");
  if (password >= 0) inputs.splice(password + 1, 0, { value: repetition, label: "Password, once more" });
  return [...inputs, ...own];
}
