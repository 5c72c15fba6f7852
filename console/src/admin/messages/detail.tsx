import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCcw, ScrollText, Send } from "lucide-react";
import { useState } from "react";
import { Link, NavLink, useParams } from "react-router";
import type { Answer } from "../../api/client";
import { useClient } from "../../api/context";
import { explain } from "../../api/problem";
import { useSelf } from "../../auth/context";
import { Button } from "../../ui/button";
import { Badge, Notice } from "../../ui/shown";
import { useToasts } from "../../ui/toast";
import { Confirm, Saving } from "../asking";
import { useForm } from "../form";
import { Guard } from "../guard";
import { Mistakes } from "../mistakes";
import { Answered, Page } from "../page";
import { may } from "../scopes";
import { useSettled } from "../settled";
import {
  type Catalogue,
  catalogueOf,
  changed,
  know,
  type Listed,
  previewOf,
  reset,
  save,
  type Template,
  templateOf,
  test,
  type Words,
} from "./api";
import { Editor, type Written } from "./editor";
import { Shown } from "./preview";
import { languageName } from "./words";
import "./messages.css";

const back = { to: "/messages", label: "Messages" };

/** The page of a message template in one language. */
export function Component() {
  const { name = "", locale = "" } = useParams();
  const client = useClient();
  const catalogue = useQuery(catalogueOf(client));
  const query = useQuery(templateOf(client, name, locale));
  const listed = catalogue.data?.templates.find((one) => one.name === name);
  if (catalogue.data && listed && query.data)
    return <Detail key={`${name}/${locale}`} catalogue={catalogue.data} listed={listed} answer={query.data} />;
  return (
    <Page title={listed?.label ?? "Message"} back={back}>
      <Answered<unknown> query={catalogue.error ? catalogue : query} gone="There is no such message">
        {() => null}
      </Answered>
    </Page>
  );
}

const writtenOf = ({ subject, body }: Pick<Template, "subject" | "body">): Written => ({ subject: subject ?? "", body });

interface DetailProps {
  catalogue: Catalogue;
  listed: Listed;
  answer: Answer<Template>;
}

function Detail({ catalogue, listed, answer }: DetailProps) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const self = useSelf();
  const [asking, setAsking] = useState(false);
  const { name, locale, channel, customised, ...rest } = answer.data;
  const form = useForm(writtenOf(answer.data), answer.etag);
  const words: Words = channel === "sms" ? { body: form.value.body } : form.value;
  const settled = useSettled(words);
  const preview = useQuery(previewOf(client, name, locale, settled));
  const saving = useMutation({
    mutationFn: () => save(client, name, locale, words, form.tag),
    onSuccess: (now) => {
      know(queries, now);
      form.saved(writtenOf(now.data), now.etag);
      void changed(queries);
      toasts.say("Saved. It is said from now on.");
    },
  });
  const resetting = useMutation({
    mutationFn: () => reset(client, name, locale, form.tag),
    onSuccess: async () => {
      const now = await queries.fetchQuery({ ...templateOf(client, name, locale), staleTime: 0 });
      form.saved(writtenOf(now.data), now.etag);
      void changed(queries);
      setAsking(false);
      toasts.say("It says the default.");
    },
  });
  const testing = useMutation({
    mutationFn: () => test(client, name, locale, words),
    onSuccess: ({ to }) => toasts.say(`A test is on its way to ${to}.`),
  });
  const mistakes = new Mistakes(saving.error, ["subject", "body"]);
  const mistake = (field: keyof Written) =>
    preview.data?.problems
      .filter((one) => one.field === field)
      .map((one) => one.message)
      .join(" ") || undefined;
  const disabled = !self.may(may.updateMessages);
  const write = (part: Partial<Written>) => {
    saving.reset();
    testing.reset();
    form.change(part);
  };
  return (
    <Page
      title={listed.label}
      back={back}
      about={listed.purpose}
      buttons={
        <>
          {self.may(may.viewAuditLog) && (
            <Link className="button" to={`/audit-log?target=${encodeURIComponent(`${name} ${locale}`)}`}>
              <ScrollText size={16} aria-hidden />
              History
            </Link>
          )}
          {!disabled && (
            <Button disabled={testing.isPending} onClick={() => testing.mutate()}>
              <Send size={16} aria-hidden />
              Send me a test
            </Button>
          )}
          {customised && !disabled && (
            <Button look="danger" onClick={() => setAsking(true)}>
              <RotateCcw size={16} aria-hidden />
              Back to the default…
            </Button>
          )}
        </>
      }
    >
      {testing.error && <Notice tone="bad">{explain(testing.error)}</Notice>}
      <nav className="languages" aria-label="Languages">
        {catalogue.languages.map((tag) => (
          <NavLink key={tag} to={`/messages/${name}/${tag}`} className="languages-one">
            {languageName(tag)}
            {listed.customised.includes(tag) && <Badge tone="info">Your own</Badge>}
          </NavLink>
        ))}
      </nav>
      <div className="writing">
        <Editor template={listed} value={form.value} mistake={mistake} disabled={disabled} onChange={write} />
        <Shown preview={preview.data} error={preview.error} channel={channel} />
      </div>
      <Saving form={form} running={saving.isPending} mistake={mistakes.rest} onSave={() => saving.mutate()} />
      <Guard dirty={form.dirty} />
      {asking && (
        <Confirm title="Back to the default?" label="Go back" doing={resetting} onClose={() => setAsking(false)}>
          The words in {languageName(locale)} are forgotten. It says “{rest.default.subject ?? rest.default.body}” again.
        </Confirm>
      )}
    </Page>
  );
}
