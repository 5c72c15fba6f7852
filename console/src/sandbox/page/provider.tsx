import { UserRoundCheck } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { Person } from "../../api/sandbox";
import { Button } from "../../ui/button";
import { Checkbox, Input, Select } from "../../ui/field";
import { strangers } from "../people";
import type { Trial } from "../trial";

const own = "own";
const nameOf = ({ givenName, familyName }: Person) => `${givenName ?? ""} ${familyName ?? ""}`.trim();

/** Provider is the page of an identity provider, where somebody signs in or refuses to. */
export function Provider({ trial, busy, address }: { trial: Trial; busy: boolean; address: string }) {
  const [chosen, setChosen] = useState("0");
  const [person, setPerson] = useState<Person>({ givenName: "", familyName: "", email: "", emailVerified: true });
  const set = (change: Partial<Person>) => setPerson({ ...person, ...change });
  const stranger = strangers[Number(chosen)];
  const agree = (event: FormEvent) => {
    event.preventDefault();
    void trial.provider(stranger ? stranger.person : person);
  };
  const options = [
    ...strangers.map((one, i) => ({ value: String(i), label: `${nameOf(one.person)}, ${one.person.email}` })),
    { value: own, label: "Somebody else …" },
  ];
  return (
    <form className="trial-device" onSubmit={agree}>
      <h3>
        <UserRoundCheck size={18} aria-hidden /> Sign in at the identity provider
      </h3>
      <p className="field-hint">A stand-in for the real one. The flow asked for {scopesOf(address) || "nothing in particular"}.</p>
      <Select
        label="Who signs in"
        options={options}
        value={chosen}
        hint={stranger?.about}
        onChange={(event) => setChosen(event.target.value)}
      />
      {chosen === own && (
        <>
          <Input
            label="First name"
            optional
            value={person.givenName}
            maxLength={100}
            onChange={({ target }) => set({ givenName: target.value })}
          />
          <Input
            label="Last name"
            optional
            value={person.familyName}
            maxLength={100}
            onChange={({ target }) => set({ familyName: target.value })}
          />
          <Input
            label="Email"
            type="email"
            required
            value={person.email}
            maxLength={200}
            onChange={({ target }) => set({ email: target.value })}
          />
          <Checkbox
            label="The provider has verified it"
            checked={person.emailVerified}
            onChange={({ target }) => set({ emailVerified: target.checked })}
          />
        </>
      )}
      <div className="trial-row">
        <Button look="primary" type="submit" running={busy}>
          Sign in
        </Button>
        <Button running={busy} onClick={() => void trial.provider(undefined)}>
          Refuse
        </Button>
      </div>
    </form>
  );
}

const scopesOf = (address: string) => (URL.canParse(address) ? (new URL(address).searchParams.get("scope") ?? "") : "");
