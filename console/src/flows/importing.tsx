import { useEffect, useState } from "react";
import { explain } from "../api/problem";
import type { Definition, Overview } from "../api/types";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Notice } from "../ui/shown";
import { useAdopt } from "./adopt";
import { fromFile, NotAFlow } from "./file";
import { Preview } from "./preview";
import { flowWords } from "./words";

/** The largest file that the server takes, in bytes. */
const largest = 1 << 20;

/** Importing shows what is in a file and makes it the draft. */
export function Importing({ flow, file, onClose }: { flow: Overview; file: File; onClose: () => void }) {
  const [read, setRead] = useState<{ document: string } | { mistake: string }>();
  const adopt = useAdopt(flow, onClose);
  useEffect(() => {
    let current = true;
    readFlow(file, flow).then((result) => current && setRead(result));
    return () => {
      current = false;
    };
  }, [file, flow]);
  const document = read && "document" in read ? read.document : undefined;
  return (
    <Dialog
      wide
      title={`Import ${flowWords[flow.flowType].name.toLowerCase()}`}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!document} running={adopt.isPending} onClick={() => document && adopt.mutate(document)}>
            {flow.draft ? "Replace the draft" : "Make it the draft"}
          </Button>
        </>
      }
    >
      {read && "mistake" in read && <Notice tone="bad">{read.mistake}</Notice>}
      {adopt.isError && <Notice tone="bad">{explain(adopt.error)}</Notice>}
      {document && (
        <>
          {flow.draft && <Notice tone="warn">The draft that there is, is lost.</Notice>}
          <Preview definition={JSON.parse(document) as Definition} />
        </>
      )}
    </Dialog>
  );
}

async function readFlow(file: File, flow: Overview): Promise<{ document: string } | { mistake: string }> {
  if (file.size > largest) return { mistake: "The file is larger than a flow can be (1 MB)." };
  try {
    return { document: fromFile(await file.text(), flow.flowType) };
  } catch (error) {
    return { mistake: error instanceof NotAFlow ? error.message : "The file cannot be read." };
  }
}
