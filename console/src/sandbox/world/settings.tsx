import { useState } from "react";
import type { Settings } from "../../api/sandbox";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Checkbox } from "../../ui/field";

/** What the completion settings are called. One that is not here is shown under its own name. */
const words: Record<string, string> = {
  isEmailVerificationEnabled: "Send a link that confirms the e-mail address",
  isAccountLockOnCreationEnabled: "Lock the account until the address is confirmed",
  isAutoLoginEnabled: "Sign the person in",
  isFlowCompletionNotificationEnabled: "Tell the person by mail",
  isCompletionViewEnabled: "Show the last page, with the address to go on to",
};
const wordsOf = (name: string): string => words[name] ?? name;

/** merged is what holds in a trial: what was chosen for it, else what the flow has. */
const merged = (own: Settings, chosen: Settings): Settings =>
  Object.fromEntries(Object.keys(own).map((name) => [name, chosen[name] ?? own[name] ?? false]));

export interface SettingsProps {
  /** own are the settings of the flow, chosen those that the trial has in their place. */
  own: Settings;
  chosen: Settings;
}

/** Completion is what happens when the flow is complete. */
export function Completion({ own, chosen }: SettingsProps) {
  const on = Object.entries(merged(own, chosen)).filter(([, value]) => value);
  return (
    <>
      {on.length === 0 && <p className="field-hint">Nothing else happens.</p>}
      <ul className="trial-accounts">
        {on.map(([name]) => (
          <li key={name}>{wordsOf(name)}</li>
        ))}
      </ul>
      {Object.keys(chosen).length > 0 && <p className="field-hint">Chosen for this trial. The flow's own settings stay as they are.</p>}
    </>
  );
}

/** ChooseSettings asks what is to happen, in this trial. */
export function ChooseSettings({
  own,
  chosen,
  onClose,
  onChoose,
}: SettingsProps & { onClose: () => void; onChoose: (chosen: Settings) => void }) {
  const [now, setNow] = useState(() => merged(own, chosen));
  const choose = () => onChoose(Object.fromEntries(Object.entries(now).filter(([name, value]) => value !== own[name])));
  return (
    <Dialog
      title="What happens when it is complete?"
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" onClick={choose}>
            Start with this
          </Button>
        </>
      }
    >
      <p>This holds for the trial. The flow's own settings stay as they are.</p>
      {Object.entries(now).map(([name, value]) => (
        <Checkbox
          key={name}
          label={wordsOf(name)}
          checked={value}
          {...(value !== own[name] && { hint: `The flow has this ${own[name] ? "on" : "off"}.` })}
          onChange={({ target }) => setNow({ ...now, [name]: target.checked })}
        />
      ))}
    </Dialog>
  );
}
