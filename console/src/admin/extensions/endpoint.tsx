import { Input, Select } from "../../ui/field";
import { words } from "../../ui/schema";
import type { Mistakes } from "../mistakes";
import type { AuthType } from "./api";
import { propertyPath, ways } from "./authentication";
import { type Shown, typeOptions } from "./shown";

export interface EndpointProps {
  value: Pick<Shown, "uri" | "type" | "properties">;
  change: (part: Partial<Shown>) => void;
  /** The server has properties of the authentication and keeps them. */
  kept: boolean;
  mistakes: Mistakes;
  disabled: boolean;
}

/** Endpoint is where an extension is, and how the server says there who it is. */
export function Endpoint({ value: { uri, type, properties }, change, kept, mistakes, disabled }: EndpointProps) {
  const set = ways[type].properties.length === 1 ? "Set. What is entered replaces it." : "Set. All are replaced together.";
  return (
    <>
      <Input
        label="Address"
        hint="What the flow asks is sent there as JSON, by POST."
        type="url"
        placeholder="https://"
        spellCheck={false}
        disabled={disabled}
        value={uri}
        mistake={mistakes.at("endpoint.uri")}
        onChange={({ target }) => change({ uri: target.value })}
      />
      <Select
        label="Authentication"
        hint="How the extension knows that it is this server that asks."
        disabled={disabled}
        value={type}
        options={typeOptions}
        mistake={mistakes.at("endpoint.authentication.type")}
        onChange={({ target }) => change({ type: target.value as AuthType, properties: {} })}
      />
      {ways[type].properties.length > 0 && (
        <div className="columns">
          {ways[type].properties.map(({ name, hidden, optional, hint }) => (
            <Input
              key={`${type} ${name}`}
              label={words(name)}
              hint={hint}
              optional={optional ?? false}
              type={hidden ? "password" : "text"}
              autoComplete={hidden ? "new-password" : "off"}
              spellCheck={false}
              placeholder={kept ? set : undefined}
              disabled={disabled}
              value={properties[name] ?? ""}
              mistake={mistakes.at(propertyPath(name))}
              onChange={({ target }) => {
                const { [name]: _, ...rest } = properties;
                change({ properties: target.value === "" ? rest : { ...rest, [name]: target.value } });
              }}
            />
          ))}
        </div>
      )}
    </>
  );
}
