import { CircleCheck, Fingerprint, LoaderCircle, LogIn, MailOpen } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "../../ui/button";
import { Notice } from "../../ui/shown";
import { leadOf } from "../lead";
import type { Trial, TrialState } from "../trial";
import { type Around, Loose, Pieces } from "./component";
import { elsewhere } from "./page";
import { Provider } from "./provider";

/** Screen is what the person has before them: a page of the flow, or what their browser does by itself. */
export function Screen({ trial, state }: { trial: Trial; state: TrialState }) {
  const box = useRef<HTMLDivElement>(null);
  useFocus(box, state.turn);
  const { answer } = state;
  return (
    <section className="trial-screen" ref={box} tabIndex={-1} aria-label="The person’s screen" aria-busy={state.busy}>
      {!answer && state.busy && (
        <p className="trial-wait">
          <LoaderCircle size={18} aria-hidden /> Starting …
        </p>
      )}
      {answer && <Shown trial={trial} state={state} />}
    </section>
  );
}

function Shown({ trial, state }: { trial: Trial; state: TrialState }) {
  const { answer } = state;
  if (answer?.flowStatus === "COMPLETE") return <Done trial={trial} state={state} />;
  switch (answer?.type) {
    case "REDIRECTION":
      return <Provider key={state.turn} trial={trial} busy={state.busy} address={answer.data.url ?? ""} />;
    case "WEBAUTHN":
      return <Authenticator trial={trial} state={state} />;
    case "INTERNAL_PROMPT":
      return <Prompt trial={trial} state={state} />;
  }
  return <PageView trial={trial} state={state} />;
}

/** useFocus leads whoever uses the screen to what is new on it: to the first mistake, else to its beginning. */
function useFocus(box: React.RefObject<HTMLElement | null>, turn: number): void {
  const seen = useRef(turn);
  useEffect(() => {
    if (seen.current === turn) return;
    seen.current = turn;
    const mistaken = box.current?.querySelector<HTMLElement>("[aria-invalid=true]");
    (mistaken ?? box.current)?.focus({ preventScroll: !mistaken });
    if (!mistaken) box.current?.scrollTo?.(0, 0);
  }, [box, turn]);
}

function PageView({ trial, state }: { trial: Trial; state: TrialState }) {
  const [pass, setPass] = useState(true);
  const [left, setLeft] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was said of one page is not of the next
  useEffect(() => setLeft(undefined), [state.turn]);
  const around: Around = { trial, state, pass, setPass, onLeave: setLeft };
  return (
    <>
      <Said state={state} />
      <Pieces list={state.page?.pieces ?? []} around={around} />
      <Loose around={around} />
      {state.page?.pieces.length === 0 && <p className="field-hint">This page is empty.</p>}
      {left !== undefined && (
        <div role="status">
          <Notice>This link leads to {left || "nowhere"}, out of the flow.</Notice>
        </div>
      )}
    </>
  );
}

/** Said is what the flow says that is about no field. */
function Said({ state }: { state: TrialState }) {
  if (!state.page) return null;
  return elsewhere(state.page).map((one) => (
    <Notice key={one.type + one.message} tone={({ ERROR: "bad", WARNING: "warn", INFO: "info" } as const)[one.type]}>
      {one.message}
    </Notice>
  ));
}

function Device({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <div className="trial-device">
      <h3>
        {icon} {title}
      </h3>
      {children}
    </div>
  );
}

/** Authenticator is the dialog in which a browser asks for a passkey. */
function Authenticator({ trial, state }: { trial: Trial; state: TrialState }) {
  const creates = state.answer?.data.webAuthn?.action === "WEBAUTHN_CREATE";
  return (
    <>
      <Said state={state} />
      <Device icon={<Fingerprint size={18} aria-hidden />} title={creates ? "Create a passkey?" : "Use a passkey?"}>
        <p>The person’s browser asks. What do they do?</p>
        <div className="trial-row">
          <Button look="primary" running={state.busy} onClick={() => void trial.passkey("approve")}>
            Approve
          </Button>
          <Button running={state.busy} onClick={() => void trial.passkey("cancel")}>
            Cancel
          </Button>
          <Button running={state.busy} onClick={() => void trial.passkey("wrong")}>
            Answer wrongly
          </Button>
        </div>
      </Device>
    </>
  );
}

/** Prompt is where the flow waits for what is no page: the link of a message. */
function Prompt({ trial, state }: { trial: Trial; state: TrialState }) {
  const wanted = state.answer?.data.requiredParams ?? [];
  const kind = wanted.includes("mlt") ? "flow" : wanted.includes("confirmationCode") ? "invitation" : undefined;
  if (!kind) return <p>The flow asks the client for {wanted.join(", ")}, which only a client of its own can send.</p>;
  const message = state.contents?.messages.findLast((one) => leadOf(one.link ?? "").kind === kind);
  const wrong = kind === "flow" ? { mlt: "not-the-right-one" } : { confirmationCode: "not-the-right-one" };
  return (
    <>
      <Said state={state} />
      <Device
        icon={<MailOpen size={18} aria-hidden />}
        title={kind === "flow" ? "The flow waits for the link in a message" : "The flow begins with an invitation"}
      >
        <p>{message ? `There is one to ${message.to}.` : "There is none yet."}</p>
        <div className="trial-row">
          {message && (
            <Button look="primary" running={state.busy} onClick={() => void trial.follow(message)}>
              Open the link
            </Button>
          )}
          <Button running={state.busy} onClick={() => void trial.answer(wrong)}>
            Come with a wrong one
          </Button>
        </div>
      </Device>
    </>
  );
}

/** Done is the end: what the last page says, and what becomes of the person. */
function Done({ trial, state }: { trial: Trial; state: TrialState }) {
  const data = state.answer?.data;
  const locked = data?.additionalData?.accountStatus;
  return (
    <>
      <div className="trial-done">
        <CircleCheck size={20} aria-hidden />
        <div>
          <h3>The flow is complete</h3>
          <p>
            {locked === "ACCOUNT_LOCKED" && "The account is locked for now. "}
            {locked === "PENDING_APPROVAL" && "The account waits to be approved. "}
            {data?.userAssertion && (
              <>
                <LogIn size={14} aria-hidden /> They would be signed in.{" "}
              </>
            )}
            {data?.url && `The browser would go to ${data.url}`}
          </p>
        </div>
      </div>
      {state.page && state.page.pieces.length > 0 && <PageView trial={trial} state={{ ...state, busy: true }} />}
    </>
  );
}
