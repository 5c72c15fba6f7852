import { ArrowLeft, History, Play } from "lucide-react";
import { lazy, Suspense, useCallback, useContext, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { Link, useParams } from "react-router";
import { ServerContext } from "../api/context";
import { mayUpdate } from "../api/flows";
import { type FlowType, isFlowType, type Version } from "../api/types";
import { useSelf } from "../auth/context";
import { Builder } from "../builder/builder";
import { useOutside } from "../builder/outside";
import { serverApi } from "../builder/server";
import { Publish } from "../flows/publish";
import { flowWords, plural } from "../flows/words";
import { Button } from "../ui/button";
import { Badge, Loading, Skeleton } from "../ui/shown";
import { useToasts } from "../ui/toast";
import { NotFound } from "./lost";

const Pane = lazy(() => import("../sandbox/pane"));

/** The page where a flow is designed, tried and published, for a route with the parameter flowType. */
export function Component() {
  const { flowType } = useParams();
  if (!isFlowType(flowType)) return <NotFound />;
  return <Design key={flowType} flowType={flowType} />;
}

/** How the trial stands: never begun, put away for now, or shown. */
type Trying = "no" | "hidden" | "shown";

interface Way {
  lit: readonly string[];
  at: string | undefined;
}

const nowhere: Way = { lit: [], at: undefined };

function Design({ flowType }: { flowType: FlowType }) {
  const may = useSelf().may(mayUpdate);
  const server = useContext(ServerContext);
  const api = useMemo(() => server && serverApi(server.client, server.connection), [server]);
  const [trying, setTrying] = useState<Trying>("no");
  const [way, setWay] = useState(nowhere);
  const [live, setLive] = useState<Version>();
  const tryButton = useRef<HTMLButtonElement>(null);
  const close = useCallback(() => {
    setTrying("hidden");
    tryButton.current?.focus();
  }, []);
  if (!api) return null;
  const shown = trying === "shown";
  const { lit, at } = shown ? way : nowhere;
  return (
    <>
      <title>{`${flowWords[flowType].name} · Usher`}</title>
      <Builder
        flowType={flowType}
        api={api}
        readOnly={!may}
        lit={lit}
        at={at}
        onSaved={() => setLive(undefined)}
        start={
          <Link className="button button-quiet button-icon" to="/flows" aria-label="Back to the flows" title="Back to the flows">
            <ArrowLeft size={18} aria-hidden />
          </Link>
        }
        actions={
          <>
            <span role="status">{live && <Badge tone="good">Version {live.number} is live</Badge>}</span>
            <Link className="button button-quiet button-icon" to={`/flows/${flowType}/versions`} aria-label="Versions" title="Versions">
              <History size={18} aria-hidden />
            </Link>
            {may && (
              <>
                <Button ref={tryButton} aria-pressed={shown} onClick={() => (shown ? close() : setTrying("shown"))}>
                  <Play size={16} aria-hidden /> Try it
                </Button>
                <PublishButton flowType={flowType} onPublished={setLive} />
              </>
            )}
          </>
        }
        besideShown={shown}
        beside={trying !== "no" && <Beside flowType={flowType} hidden={!shown} onWay={setWay} onClose={close} />}
      />
    </>
  );
}

interface BesideProps {
  flowType: FlowType;
  hidden: boolean;
  onWay: (way: Way) => void;
  onClose: () => void;
}

/** Beside is the pane in which the flow is tried. It is loaded when somebody wants it. */
function Beside(props: BesideProps) {
  const canvas = useOutside();
  return (
    <Suspense
      fallback={
        <Loading>
          <Skeleton height="20rem" />
        </Loading>
      }
    >
      <Pane {...props} canvas={canvas} />
    </Suspense>
  );
}

/** PublishButton saves what is on the canvas and asks whether it is to go live. What cannot run is not asked about. */
function PublishButton({ flowType, onPublished }: { flowType: FlowType; onPublished: (version: Version) => void }) {
  const outside = useOutside();
  const toasts = useToasts();
  const problems = useSyncExternalStore(outside.watchProblems, outside.problems);
  const [state, setState] = useState<"closed" | "saving" | "open">("closed");
  const open = async () => {
    if (problems > 0) {
      toasts.complain(`This flow cannot go live yet: it has ${plural(problems, "problem")}. They are listed under “Problems”.`);
      return;
    }
    setState("saving");
    const saved = await outside.save();
    setState(saved && outside.revision() !== undefined ? "open" : "closed");
    if (!saved) toasts.complain("What is on the canvas is not saved yet, and only what is saved can go live.");
    else if (outside.revision() === undefined) toasts.say("There is nothing to publish: what is on the canvas is live already.");
  };
  return (
    <>
      <Button look="primary" running={state === "saving"} onClick={() => void open()}>
        Publish…
      </Button>
      {state === "open" && (
        <Publish
          flowType={flowType}
          onClose={() => setState("closed")}
          onPublished={(version, revision) => {
            outside.published(revision);
            onPublished(version);
          }}
        />
      )}
    </>
  );
}
