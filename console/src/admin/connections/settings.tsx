import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useClient } from "../../api/context";
import { useSelf } from "../../auth/context";
import { IconButton } from "../../ui/button";
import { Input, Select } from "../../ui/field";
import { words } from "../../ui/schema";
import { claimsOf } from "../attributes/api";
import type { Mistakes } from "../mistakes";
import { may } from "../scopes";
import type { Kind, Setting, Values } from "./api";
import { mappedOf, pathOf, withValue } from "./values";

export interface SettingsProps {
  kind: Kind;
  settings: Values;
  /** Secrets to be set; what is set already nobody is told. */
  secrets: Values;
  secretsSet: string[];
  onSettings: (settings: Values) => void;
  onSecrets: (secrets: Values) => void;
  mistakes: Mistakes;
  /** The connection is there: what is fixed cannot be changed any more. */
  there: boolean;
  disabled: boolean;
}

/** Settings are what the kind of a connection declares. */
export function Settings(props: SettingsProps) {
  const { settings } = props.kind;
  const plain = settings.filter((one) => !one.claim);
  return (
    <>
      <div className="columns">
        {plain.map((setting) => (
          <One key={setting.name} setting={setting} {...props} />
        ))}
      </div>
      {settings
        .filter((one) => one.claim)
        .map((setting) => (
          <Mapping key={setting.name} setting={setting} {...props} />
        ))}
    </>
  );
}

function One({
  setting,
  settings,
  secrets,
  secretsSet,
  onSettings,
  onSecrets,
  mistakes,
  there,
  disabled,
}: SettingsProps & { setting: Setting }) {
  const { name, secret, fixed, options } = setting;
  const set = secret && secretsSet.includes(name);
  const closed = fixed && there;
  const value = (secret ? secrets : settings)[name] ?? "";
  const change = (next: string) =>
    secret ? onSecrets(withValue(secrets, setting, name, next)) : onSettings(withValue(settings, setting, name, next));
  const about = {
    label: words(name),
    hint: closed ? `${setting.description} It cannot be changed, because accounts are linked under it.` : setting.description,
    mistake: mistakes.at(pathOf(setting, name)),
    optional: !setting.required && setting.default === undefined,
    disabled: disabled || closed,
  };
  if (options) {
    const none = setting.default === undefined ? [{ value: "", label: "—" }] : [];
    return (
      <Select
        {...about}
        value={value || (setting.default ?? "")}
        options={[...none, ...options.map((one) => ({ value: one, label: one }))]}
        onChange={({ target }) => change(target.value)}
      />
    );
  }
  return (
    <Input
      {...about}
      type={secret ? "password" : "text"}
      autoComplete={secret ? "new-password" : "off"}
      spellCheck={false}
      placeholder={set ? "Set. What is entered replaces it." : setting.default}
      value={value}
      onChange={({ target }) => change(target.value)}
    />
  );
}

/** Mapping is which attribute takes its value from which claim of the provider. */
function Mapping({ setting, settings, onSettings, mistakes, disabled }: SettingsProps & { setting: Setting }) {
  const claims = useQuery(claimsOf(useClient(), useSelf().may(may.viewAttributes))).data ?? [];
  const mapped = mappedOf(settings, setting);
  const left = claims.filter((claim) => !claim.readOnly && !mapped.includes(claim.shortName));
  const labelOf = (short: string) => claims.find((claim) => claim.shortName === short)?.displayName ?? short;
  const change = (short: string, value: string) => onSettings(withValue(settings, setting, setting.name + short, value));
  return (
    <fieldset className="several">
      <legend className="field-label">Attributes</legend>
      <p className="field-hint">{setting.description} What is not named here is taken as the kind has it.</p>
      <div className="mapping">
        {mapped.map((short) => (
          <div key={short} className="mapping-one">
            <Input
              label={labelOf(short)}
              disabled={disabled}
              spellCheck={false}
              placeholder="Not taken"
              value={settings[setting.name + short] ?? ""}
              mistake={mistakes.at(pathOf(setting, setting.name + short))}
              onChange={({ target }) => change(short, target.value)}
            />
            {!disabled && (
              <IconButton
                label={`Leave ${labelOf(short)} to the kind`}
                onClick={() => {
                  const { [setting.name + short]: _, ...others } = settings;
                  onSettings(others);
                }}
              >
                <Trash2 size={16} />
              </IconButton>
            )}
          </div>
        ))}
        {!disabled && left.length > 0 && (
          <Select
            label="Another attribute"
            value=""
            options={[{ value: "", label: "Choose…" }, ...left.map((claim) => ({ value: claim.shortName, label: claim.displayName }))]}
            onChange={({ target }) => target.value && change(target.value, "")}
          />
        )}
      </div>
    </fieldset>
  );
}
