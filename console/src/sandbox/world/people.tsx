import { useState } from "react";
import type { Account, User } from "../../api/sandbox";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Checkbox, Input } from "../../ui/field";
import { Badge } from "../../ui/shown";
import { candidates, password } from "../people";
import type { TrialState } from "../trial";

const email = "http://wso2.org/claims/emailaddress";
const proofs = { password: "password", passkey: "passkey", federated: "provider" } as const;

/** Accounts are those that there are now, in the sandbox. */
export function Accounts({ state }: { state: TrialState }) {
  const users = state.contents?.users ?? [];
  if (users.length === 0) return <p className="field-hint">Nobody has an account.</p>;
  return (
    <ul className="trial-accounts">
      {users.map((user) => (
        <li key={user.id}>
          <strong>{user.username}</strong> <Standing user={user} />
          <div className="field-hint">{about(user)}</div>
        </li>
      ))}
    </ul>
  );
}

/** What an account that is locked may be waiting for. */
const waiting: Record<string, string> = { PENDING_ASK_PASSWORD: "Invited", PENDING_EMAIL_VERIFICATION: "Address not confirmed" };

function Standing({ user }: { user: Account }) {
  if (user.disabled) return <Badge tone="bad">Disabled</Badge>;
  if (user.locked) return <Badge tone="warn">{waiting[user.lockReason ?? ""] ?? "Locked"}</Badge>;
  return null;
}

function about({ claims, proofs: list }: Account): string {
  const ways = [...new Set(list)].map((one) => proofs[one]);
  const has = ways.length > 0 ? `has a ${ways.join(", a ")}` : "cannot sign in yet";
  return [claims[email], has].filter(Boolean).join(" · ");
}

export interface ChoosePeopleProps {
  chosen: readonly User[];
  onClose: () => void;
  onChoose: (users: User[]) => void;
}

/** ChoosePeople asks who has an account already when the flow begins. */
export function ChoosePeople({ chosen, onClose, onChoose }: ChoosePeopleProps) {
  const had = chosen.find((one) => !candidates.some(({ user }) => user.username === one.username));
  const [names, setNames] = useState(() => new Set(chosen.map((one) => one.username)));
  const [own, setOwn] = useState<User>(had ?? { username: "", claims: {} });
  const toggle = (name: string, on: boolean) => setNames(new Set(on ? [...names, name] : [...names].filter((one) => one !== name)));
  const claim = (name: string, value: string) => {
    const { [name]: _, ...rest } = own.claims ?? {};
    setOwn({ ...own, claims: value ? { ...rest, [name]: value } : rest });
  };
  const choose = () => {
    const users = candidates.map(({ user }) => user).filter((user) => names.has(user.username));
    onChoose(own.username.trim() ? [...users, { ...own, username: own.username.trim() }] : users);
  };
  const flag = (name: "passkey" | "locked" | "disabled" | "invited", label: string) => (
    <Checkbox label={label} checked={own[name] ?? false} onChange={({ target }) => setOwn({ ...own, [name]: target.checked })} />
  );
  return (
    <Dialog
      title="Who has an account already?"
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" onClick={choose}>
            Start with them
          </Button>
        </>
      }
    >
      <p>They exist in the sandbox only. Those who have a password have this one: {password}</p>
      {candidates.map(({ user, about }) => (
        <Checkbox
          key={user.username}
          label={`${user.username}, ${user.claims?.email}`}
          hint={about}
          checked={names.has(user.username)}
          onChange={({ target }) => toggle(user.username, target.checked)}
        />
      ))}
      <fieldset className="trial-set">
        <legend>And somebody of your own</legend>
        <Input
          label="User name"
          optional
          maxLength={200}
          value={own.username}
          onChange={({ target }) => setOwn({ ...own, username: target.value })}
        />
        <Input
          label="Email"
          optional
          type="email"
          maxLength={200}
          value={own.claims?.email ?? ""}
          onChange={({ target }) => claim("email", target.value)}
        />
        <Input
          label="Mobile"
          optional
          type="tel"
          maxLength={40}
          value={own.claims?.mobile ?? ""}
          onChange={({ target }) => claim("mobile", target.value)}
        />
        <Checkbox
          label="Has the password"
          checked={Boolean(own.password)}
          onChange={({ target }) => setOwn({ ...own, password: target.checked ? password : "" })}
        />
        {flag("passkey", "Has a passkey")}
        {flag("locked", "Is locked")}
        {flag("disabled", "Is disabled")}
        {flag("invited", "Was invited")}
      </fieldset>
    </Dialog>
  );
}
