import { useQuery } from "@tanstack/react-query";
import { useClient } from "../api/context";
import { labelsOf } from "../api/flows";
import { said, type Texts, wordsOf } from "../api/texts";
import type { Component, Definition, Step } from "../api/types";

/** Preview shows the pages of a flow in miniature, in the order that people meet them. */
export function Preview({ definition }: { definition: Definition }) {
  const client = useClient();
  const { data: labels } = useQuery(labelsOf(client, definition.flowType));
  const { data: texts = {} } = useQuery(wordsOf(client));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard as well
    <ol className="preview" aria-label="Steps" tabIndex={0}>
      {definition.steps.map((step) => (
        <li key={step.id}>
          {isTask(step) ? <span className="preview-task">{task(step, labels)}</span> : <Page step={step} texts={texts} />}
        </li>
      ))}
    </ol>
  );
}

const isTask = (step: Step) => !step.data?.components?.length;

/** What people call executors, by name; undefined as long as it is not known. */
export type Labels = ReadonlyMap<string, string> | undefined;

function task(step: Step, labels: Labels): string {
  const name = step.data?.action?.executor?.name ?? step.type;
  return step.type === "END" ? "Done" : labels?.get(name) || spaced(name);
}

/** spaced makes words of a name that is written in one: EmailOTPExecutor is "Email OTP". */
export function spaced(name: string): string {
  return name
    .replace(/Executor$/, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2");
}

function Page({ step, texts }: { step: Step; texts: Texts }) {
  return (
    <div className="preview-page">
      {flat(step.data?.components ?? []).map((component) => (
        <Piece key={component.id} component={component} texts={texts} />
      ))}
    </div>
  );
}

const flat = (list: Component[]): Component[] => list.flatMap((one) => (one.components ? flat(one.components) : [one]));

function Piece({ component, texts }: { component: Component; texts: Texts }) {
  const { text, label, placeholder }: Record<string, unknown> = component.config ?? {};
  const written = [text, label, placeholder].find((one): one is string => typeof one === "string" && one !== "");
  const says = written && said(plain(written), texts);
  switch (component.category ?? component.type) {
    case "FIELD":
      return <span className="preview-input">{says ?? component.variant ?? component.type}</span>;
    case "ACTION":
      return <span className="preview-button">{says ?? component.type}</span>;
  }
  if (!says) return null;
  return <span className={/^H[1-6]$/.test(component.variant ?? "") ? "preview-title" : undefined}>{says}</span>;
}

/** plain is what a rich text says. */
function plain(text: string): string {
  return text.includes("<") ? (new DOMParser().parseFromString(text, "text/html").body.textContent ?? "") : text;
}
