import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Answer } from "../../api/client";
import { useClient } from "../../api/context";
import { useSelf } from "../../auth/context";
import { Button } from "../../ui/button";
import { useToasts } from "../../ui/toast";
import { Confirm, Saving } from "../asking";
import { differenceOf } from "../difference";
import { NumberInput } from "../fields";
import { useForm } from "../form";
import { Mistakes } from "../mistakes";
import { Answered, Page, Section } from "../page";
import { may } from "../scopes";
import { defaults, patch, type Settings, type SettingsChange, settingsOf } from "./api";
import { lasting } from "./lasting";

/** The page of how long sign-ins last. */
export function Component() {
  const query = useQuery(settingsOf(useClient()));
  return (
    <Page title="Sign-in" about="How long people stay signed in. It holds for all applications.">
      <Answered query={query}>{(answer) => <Edit answer={answer} />}</Answered>
    </Page>
  );
}

const fields: { name: keyof Settings; label: string; hint: string; min: number; max: number; unit: number }[] = [
  {
    name: "sessionLifetimeSeconds",
    label: "A session lasts at most",
    hint: "Seconds after signing in.",
    min: 60,
    max: 7_776_000,
    unit: 1,
  },
  {
    name: "sessionIdleSeconds",
    label: "An unused session lasts",
    hint: "Seconds after it was used last.",
    min: 60,
    max: 7_776_000,
    unit: 1,
  },
  {
    name: "offlineLifetimeSeconds",
    label: "An application goes on without the person for",
    hint: "Seconds in which it may refresh its tokens, with offline_access or its own sign-in page.",
    min: 60,
    max: 31_622_400,
    unit: 1,
  },
  {
    name: "userAssertionLifetimeMillis",
    label: "A user assertion lasts",
    hint: "Milliseconds that an application has to hand over somebody who has finished a flow.",
    min: 500,
    max: 60_000,
    unit: 1000,
  },
];

function Edit({ answer }: { answer: Answer<Settings> }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const disabled = !useSelf().may(may.updateApplications);
  const form = useForm(answer.data, answer.etag);
  const [asking, setAsking] = useState(false);
  const saved = (now: Answer<Settings>) => {
    queries.setQueryData(settingsOf(client).queryKey, now);
    form.saved(now.data, now.etag);
    setAsking(false);
    toasts.say("Saved.");
  };
  const change = (what: SettingsChange | undefined) => patch(client, what ?? {}, form.tag);
  const saving = useMutation({ mutationFn: () => change(differenceOf(form.seen, form.value)), onSuccess: saved });
  const resetting = useMutation({ mutationFn: () => change(defaults), onSuccess: saved });
  const mistakes = new Mistakes(
    saving.error,
    fields.map((one) => one.name),
  );
  return (
    <>
      <Section title="Sessions" buttons={!disabled && <Button onClick={() => setAsking(true)}>Back to the defaults…</Button>}>
        <div className="columns">
          {fields.map(({ name, label, hint, min, max, unit }) => (
            <NumberInput
              key={name}
              label={label}
              hint={`${hint} Now ${lasting(form.value[name] / unit)}.`}
              min={min}
              max={max}
              disabled={disabled}
              value={form.value[name]}
              mistake={mistakes.at(name)}
              onChange={(value) => form.change({ [name]: value })}
            />
          ))}
        </div>
      </Section>
      <Saving form={form} running={saving.isPending} mistake={mistakes.rest} onSave={() => saving.mutate()} />
      {asking && (
        <Confirm title="Back to the defaults?" label="Go back" doing={resetting} onClose={() => setAsking(false)}>
          What was decided here is forgotten. Sessions that are longer than the default end with it.
        </Confirm>
      )}
    </>
  );
}
