import { RotateCcw, X } from "lucide-react";
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useClient } from "../api/context";
import { type Sandbox, type Settings, sandboxApi, type User } from "../api/sandbox";
import type { FlowProblem, FlowType } from "../api/types";
import { Button, IconButton } from "../ui/button";
import { Notice } from "../ui/shown";
import { Screen } from "./page/screen";
import { candidates, usual } from "./people";
import "./sandbox.css";
import { Trial, type Trouble } from "./trial";
import { nowhere, substance, type Way, wayOf } from "./way";
import { Clock } from "./world/clock";
import { Messages } from "./world/messages";
import { Path } from "./world/path";
import { Accounts, ChoosePeople } from "./world/people";
import { ChooseSettings, Completion } from "./world/settings";

/** What the pane asks of the canvas beside it. */
export interface Beside {
  /** text is the document as it is on the canvas. */
  text(): string;
  subscribe(listener: () => void): () => void;
  nameOf(stepId: string): string;
  taskOf(executor: string): string;
  show(stepId: string): void;
}

export interface PaneProps {
  flowType: FlowType;
  /** It has to stay the same object. */
  canvas: Beside;
  /** A hidden pane keeps its trial. */
  hidden: boolean;
  /** Called with the path that was taken, each time it goes on. */
  onWay: (way: Way) => void;
  onClose: () => void;
}

/** Pane is where a flow is tried as it is on the canvas. No user is made by it, and nothing is sent. */
export default function Pane({ flowType, canvas, hidden, onWay, onClose }: PaneProps) {
  const client = useClient();
  const trial = useMemo(() => new Trial(sandboxApi(client), flowType), [client, flowType]);
  const state = useSyncExternalStore(trial.subscribe, trial.state);
  const [users, setUsers] = useState<User[]>(() => {
    const names = usual(flowType);
    return candidates.map(({ user }) => user).filter((user) => names.includes(user.username));
  });
  const [settings, setSettings] = useState<Settings>({});
  const [choosing, setChoosing] = useState<"people" | "settings">();
  const box = useRef<HTMLElement>(null);
  const begin = (people = users, chosen = settings) => void trial.begin(canvas.text(), people, chosen);
  const path = state.contents?.path;
  useEffect(() => onWay(path ? wayOf(path) : nowhere), [path, onWay]);
  useTrial(trial, canvas, users);
  useEffect(() => {
    if (!hidden) box.current?.querySelector<HTMLElement>("h2")?.focus();
  }, [hidden]);
  const goToField = (identifier: string) => {
    const fields = [...(box.current?.querySelectorAll<HTMLElement>("[data-identifier]") ?? [])];
    fields.find((one) => one.dataset.identifier === identifier)?.focus();
  };
  return (
    <section className="trial" ref={box} aria-label="Try it">
      <header className="trial-head">
        <h2 tabIndex={-1}>Try it</h2>
        <Button look="quiet" onClick={() => begin()}>
          <RotateCcw size={16} aria-hidden /> Start again
        </Button>
        <IconButton label="Close" onClick={onClose}>
          <X size={18} />
        </IconButton>
      </header>
      <p className="visually-hidden" role="status">
        {state.said}
      </p>
      <div className="trial-body">
        <div className="trial-stage">
          <Stale canvas={canvas} tried={state.tried} onBegin={() => begin()} />
          {state.note && <Notice>{state.note}</Notice>}
          {state.trouble && <TroubleNotice trouble={state.trouble} over={state.phase === "over"} onBegin={() => begin()} />}
          {!(state.trouble && state.phase === "over") && <Screen trial={trial} state={state} />}
          {state.sandbox && <MadeUp problems={state.sandbox.problems} />}
        </div>
        <section className="trial-world" aria-label="Around the person">
          <Clock trial={trial} state={state} />
          <h3>Messages</h3>
          <Messages trial={trial} state={state} onEntered={goToField} />
          <h3>Path</h3>
          <Path path={path ?? []} canvas={canvas} />
          <h3>
            Accounts
            <Button look="quiet" className="trial-small" onClick={() => setChoosing("people")}>
              Choose…
            </Button>
          </h3>
          <Accounts state={state} />
          {state.own && (
            <>
              <h3>
                At the end
                <Button
                  look="quiet"
                  className="trial-small"
                  aria-label="Choose what happens at the end…"
                  onClick={() => setChoosing("settings")}
                >
                  Choose…
                </Button>
              </h3>
              <Completion own={state.own} chosen={settings} />
            </>
          )}
        </section>
      </div>
      {choosing === "people" && (
        <ChoosePeople
          chosen={users}
          onClose={() => setChoosing(undefined)}
          onChoose={(people) => {
            setChoosing(undefined);
            setUsers(people);
            begin(people);
          }}
        />
      )}
      {choosing === "settings" && state.own && (
        <ChooseSettings
          own={state.own}
          chosen={settings}
          onClose={() => setChoosing(undefined)}
          onChoose={(chosen) => {
            setChoosing(undefined);
            setSettings(chosen);
            begin(users, chosen);
          }}
        />
      )}
    </section>
  );
}

/** useTrial begins when the pane is shown first, and ends when the page is left. */
function useTrial(trial: Trial, canvas: Beside, users: readonly User[]): void {
  const first = useRef({ canvas, users });
  useEffect(() => {
    const { canvas, users } = first.current;
    void trial.begin(canvas.text(), users);
    return () => trial.end();
  }, [trial]);
}

/** MadeUp says what the server lacks and the sandbox has made up, so that the flow can be tried. */
function MadeUp({ problems }: Pick<Sandbox, "problems">) {
  if (problems.length === 0) return null;
  return (
    <Notice>
      This can be tried, but not go live yet:
      <ProblemList problems={problems} />
    </Notice>
  );
}

function ProblemList({ problems }: { problems: readonly FlowProblem[] }) {
  return (
    <ul className="trial-problems">
      {problems.map((one) => (
        <li key={[one.code, one.stepId, one.componentId, one.message].join(" ")}>
          {one.stepId && `Step “${one.stepId}”: `}
          {one.message}
        </li>
      ))}
    </ul>
  );
}

interface StaleProps {
  canvas: Beside;
  tried: string | undefined;
  onBegin: () => void;
}

/** Stale says that what is tried is not any more what is on the canvas. Where steps were only moved it is. */
function Stale({ canvas, tried, onBegin }: StaleProps) {
  const text = useSyncExternalStore(canvas.subscribe, canvas.text);
  const before = useMemo(() => tried && substance(tried), [tried]);
  const changed = useMemo(() => before !== undefined && text !== tried && substance(text) !== before, [before, text, tried]);
  return (
    <div role="status">
      {changed && (
        <Notice action={<Button onClick={onBegin}>Start with the newest</Button>}>The draft has changed since this trial began.</Notice>
      )}
    </div>
  );
}

function TroubleNotice({ trouble: { why, problems }, over, onBegin }: { trouble: Trouble; over: boolean; onBegin: () => void }) {
  return (
    <Notice tone={over ? "bad" : "warn"} action={over && <Button onClick={onBegin}>Start again</Button>}>
      {why}
      {problems.length > 0 && <ProblemList problems={problems} />}
    </Notice>
  );
}
