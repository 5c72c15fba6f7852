import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, Ellipsis } from "lucide-react";
import { useState } from "react";
import { data, Link, type LoaderFunctionArgs, useLoaderData } from "react-router";
import { useClient } from "../api/context";
import { changed, documentOf, historyOf, mayUpdate, restore } from "../api/flows";
import { explain } from "../api/problem";
import { type FlowType, isFlowType, type Version } from "../api/types";
import { useSelf } from "../auth/context";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { TextArea } from "../ui/field";
import { Menu } from "../ui/menu";
import { Badge, Empty, Loading, Notice, Skeleton, When } from "../ui/shown";
import { Table } from "../ui/table";
import { useToasts } from "../ui/toast";
import { Changes } from "./changes";
import { download, toFile } from "./file";
import "./flows.css";
import { flowWords } from "./words";

/** loader reads the flow from the path. */
export function loader({ params: { flowType } }: LoaderFunctionArgs): FlowType {
  if (!isFlowType(flowType)) throw data(null, { status: 404 });
  return flowType;
}

/** The page of a flow's versions. */
export function Component() {
  const flowType = useLoaderData<typeof loader>();
  return <Versions key={flowType} flowType={flowType} />;
}

type Open = { kind: "compare" | "restore"; version: Version };

function Versions({ flowType }: { flowType: FlowType }) {
  const client = useClient();
  const toasts = useToasts();
  const may = useSelf().may(mayUpdate);
  const [open, setOpen] = useState<Open>();
  const { name, slug } = flowWords[flowType];
  const history = useInfiniteQuery(historyOf(client, flowType));
  const versions = history.data?.pages.flatMap((page) => page.versions) ?? [];
  const live = versions.find((one) => one.live);
  const save = async (version: number) => {
    try {
      download(`${slug}-${version}.json`, toFile(await documentOf(client, flowType, version)));
    } catch (error) {
      toasts.complain(explain(error));
    }
  };
  const close = () => setOpen(undefined);
  const itemsOf = (version: Version) => [
    ...(version.live ? [] : [{ label: "Compare with the live version…", onSelect: () => setOpen({ kind: "compare", version }) }]),
    { label: "Export", onSelect: () => save(version.number) },
    ...(version.live || !may ? [] : [{ label: "Restore…", onSelect: () => setOpen({ kind: "restore", version }) }]),
  ];
  return (
    <div className="page">
      <title>{`Versions of ${name.toLowerCase()} · Usher`}</title>
      <header className="page-head">
        <div>
          <Link className="page-back" to="/flows">
            <ArrowLeft size={14} aria-hidden /> Flows
          </Link>
          <h1>Versions of {name.toLowerCase()}</h1>
          <p>Whoever has begun a flow finishes the version they began with.</p>
        </div>
      </header>
      {history.isError && <Notice tone="bad">{explain(history.error)}</Notice>}
      {history.isPending && (
        <Loading>
          <Skeleton height="12rem" />
        </Loading>
      )}
      {history.isSuccess && versions.length === 0 && (
        <Empty title="No version yet">Nobody has published one: the default flow is live.</Empty>
      )}
      {versions.length > 0 && (
        <div className="card">
          <Table
            label={`Versions of ${name.toLowerCase()}`}
            rows={versions}
            rowKey={(version) => version.number}
            columns={[
              {
                label: "Version",
                cell: (version) => (
                  <>
                    {version.number} {version.live && <Badge tone="good">Live</Badge>}
                  </>
                ),
              },
              { label: "Published", cell: (version) => <When at={version.created} /> },
              { label: "By", cell: (version) => version.author?.name ?? "the server" },
              { label: "Note", cell: (version) => <span className="note">{version.note}</span> },
              {
                label: <span className="visually-hidden">What can be done</span>,
                end: true,
                cell: (version) => (
                  <Menu label={`More about version ${version.number}`} icon={<Ellipsis size={18} aria-hidden />} items={itemsOf(version)} />
                ),
              },
            ]}
          />
        </div>
      )}
      {history.hasNextPage && (
        <div>
          <Button running={history.isFetchingNextPage} onClick={() => history.fetchNextPage()}>
            Show older ones
          </Button>
        </div>
      )}
      {open?.kind === "compare" && (
        <Dialog wide title={`From version ${open.version.number} to the live version`} onClose={close}>
          <Changes flowType={flowType} from={open.version.number} to="live" />
        </Dialog>
      )}
      {open?.kind === "restore" && <Restore flowType={flowType} version={open.version} over={live?.number ?? 0} onClose={close} />}
    </div>
  );
}

/** Restore makes an older version live again, as a new one. */
function Restore({ flowType, version, over, onClose }: { flowType: FlowType; version: Version; over: number; onClose: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const [note, setNote] = useState("");
  const [seen] = useState(over);
  const restoring = useMutation({
    mutationFn: () => restore(client, flowType, version.number, note.trim(), seen),
    onSuccess: (made) => {
      void changed(queries);
      toasts.say(`Version ${made.number} is live: it is version ${version.number} again.`);
      onClose();
    },
  });
  return (
    <Dialog
      wide
      title={`Restore version ${version.number}?`}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" running={restoring.isPending} disabled={restoring.isError} onClick={() => restoring.mutate()}>
            Restore
          </Button>
        </>
      }
    >
      {restoring.isError && <Notice tone="bad">{explain(restoring.error)}</Notice>}
      <p>It becomes live as a new version, with these changes. A draft stays as it is.</p>
      <Changes flowType={flowType} from="live" to={version.number} />
      <TextArea label="Note" optional maxLength={900} value={note} onChange={(event) => setNote(event.target.value)} />
    </Dialog>
  );
}
