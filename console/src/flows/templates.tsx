import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useClient } from "../api/context";
import { mayUpdate, templatesOf } from "../api/flows";
import { explain } from "../api/problem";
import type { Overview, Template } from "../api/types";
import { useSelf } from "../auth/context";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Loading, Notice, Skeleton } from "../ui/shown";
import { useAdopt } from "./adopt";
import { Preview } from "./preview";
import { flowWords } from "./words";

/** Templates shows ready-made flows, one of which can be made the draft. */
export function Templates({ flow, onClose }: { flow: Overview; onClose: () => void }) {
  const templates = useQuery(templatesOf(useClient(), flow.flowType));
  const adopt = useAdopt(flow, onClose);
  const may = useSelf().may(mayUpdate);
  const [name, setName] = useState<string>();
  const group = useId();
  const list = templates.data && [...templates.data, ...(may ? [empty(flow)] : [])];
  const chosen = list?.find((one) => one.name === name) ?? list?.[0];
  return (
    <Dialog
      wide
      title={`Templates for ${flowWords[flow.flowType].name.toLowerCase()}`}
      onClose={onClose}
      foot={
        may && (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button
              look="primary"
              disabled={!chosen}
              running={adopt.isPending}
              onClick={() => chosen && adopt.mutate(JSON.stringify(chosen.definition))}
            >
              {flow.draft ? "Replace the draft" : "Make it the draft"}
            </Button>
          </>
        )
      }
    >
      {adopt.isError && <Notice tone="bad">{explain(adopt.error)}</Notice>}
      {templates.isError && <Notice tone="bad">{explain(templates.error)}</Notice>}
      {may && flow.draft && <Notice tone="warn">The draft that there is, is lost.</Notice>}
      {templates.isPending && (
        <Loading>
          <Skeleton height="16rem" />
        </Loading>
      )}
      {list && chosen && (
        <div className="templates">
          <fieldset className="templates-list">
            <legend className="visually-hidden">Template</legend>
            {list.map((one) => (
              <label key={one.name}>
                <input type="radio" name={group} checked={one === chosen} onChange={() => setName(one.name)} />
                <strong>{one.label}</strong>
                <small>{one.description}</small>
              </label>
            ))}
          </fieldset>
          {chosen.definition.steps.length > 0 ? (
            <Preview definition={chosen.definition} />
          ) : (
            <p className="preview preview-empty">Nothing is on it yet.</p>
          )}
        </div>
      )}
    </Dialog>
  );
}

/** empty is where those begin who make every page themselves. */
const empty = ({ flowType }: Overview): Template => ({
  name: "",
  label: "An empty canvas",
  description: "You make every page yourself.",
  default: false,
  definition: { flowType, steps: [] },
});
