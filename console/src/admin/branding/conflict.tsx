import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Table } from "../../ui/table";
import { type Document, differences } from "./document";

/** Conflict compares what somebody has entered with what somebody else has saved meanwhile. */
export function Conflict({
  mine,
  theirs,
  running,
  onTheirs,
  onMine,
  onClose,
}: {
  mine: Document;
  theirs: Document;
  running: boolean;
  onTheirs: () => void;
  onMine: () => void;
  onClose: () => void;
}) {
  const rows = differences(mine, theirs);
  return (
    <Dialog
      wide
      title="Somebody else has saved meanwhile"
      onClose={onClose}
      foot={
        <>
          <Button onClick={onTheirs}>Take theirs</Button>
          <Button look="danger" running={running} onClick={onMine}>
            Save mine over it
          </Button>
        </>
      }
    >
      {rows.length === 0 ? (
        <p>They have saved the same.</p>
      ) : (
        <Table
          label="What differs"
          rows={rows}
          rowKey={(row) => row.path}
          columns={[
            { label: "What", cell: (row) => <code>{row.path}</code> },
            { label: "Theirs", cell: (row) => shown(row.theirs) },
            { label: "Yours", cell: (row) => shown(row.mine) },
          ]}
        />
      )}
    </Dialog>
  );
}

const shown = (value: unknown) => (value === undefined ? "—" : typeof value === "string" ? value : JSON.stringify(value));
