import { Mail as MailIcon, MessageSquareText } from "lucide-react";
import type { Mail } from "../../api/sandbox";
import { Button } from "../../ui/button";
import { Badge } from "../../ui/shown";
import { codeField } from "../page/page";
import type { Trial, TrialState } from "../trial";

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export interface MessagesProps {
  trial: Trial;
  state: TrialState;
  /** Called with the identifier of the field that a code was put into. */
  onEntered: (identifier: string) => void;
}

/** Messages is the mailbox and the phone of everybody in the sandbox, the newest message first. */
export function Messages({ trial, state, onEntered }: MessagesProps) {
  const messages = [...(state.contents?.messages ?? [])].reverse();
  const takesCode = state.phase === "running" && state.page !== undefined && codeField(state.page) !== undefined;
  const enter = (code: string) => {
    const identifier = trial.enter(code);
    if (identifier !== undefined) onEntered(identifier);
  };
  if (messages.length === 0) return <p className="field-hint">Nothing yet. What the flow sends arrives here, and nowhere else.</p>;
  return (
    <ol className="trial-messages">
      {messages.map((message, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: messages are only ever added, so that the place from the end is one's own
        <li key={messages.length - i}>
          <article className="trial-message" aria-label={`${message.channel === "sms" ? "Text message" : "Mail"} to ${message.to}`}>
            <header>
              {message.channel === "sms" ? <MessageSquareText size={15} aria-hidden /> : <MailIcon size={15} aria-hidden />}
              <span className="trial-to">{message.to}</span>
              <time dateTime={message.at}>{time.format(new Date(message.at))}</time>
            </header>
            {message.withheld && <Badge tone="warn">Would not be sent</Badge>}
            {message.subject && <strong>{message.subject}</strong>}
            {(message.code || message.link) && (
              <div className="trial-row">
                {message.code && (
                  <Button className="trial-small" disabled={!takesCode} onClick={() => enter(message.code ?? "")}>
                    Enter {message.code}
                  </Button>
                )}
                {message.link && (
                  <Button className="trial-small" running={state.busy} onClick={() => void trial.follow(message)}>
                    Open the link
                  </Button>
                )}
              </div>
            )}
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard as well */}
            <section className="trial-text" aria-label="Text" tabIndex={0}>
              {shortened(message)}
            </section>
          </article>
        </li>
      ))}
    </ol>
  );
}

/** shortened is the text with only the beginning of its link, which is long and says nothing. */
export function shortened({ text, link }: Pick<Mail, "text" | "link">): string {
  const short = link && link.length > 48 ? `${link.slice(0, 40)}…` : link;
  return (link ? text.replaceAll(link, short ?? "") : text).replace(/\n{3,}/g, "\n\n").trim();
}
