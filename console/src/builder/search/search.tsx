import { Plus } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { Dialog } from "../../ui/dialog";
import { find, type Hit } from "../model/search";
import { useBench, useDeclared, useFlow } from "../state/context";

/** Search finds steps and components to go to, and parts to add (WAI-ARIA Authoring Practices, combobox with a list). */
export function Search({ onClose }: { onClose: () => void }) {
  const bench = useBench();
  const { parts, meta } = useDeclared();
  const flow = useFlow();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const hits = find(flow, parts, text, meta);
  const chosen = hits[Math.min(at, hits.length - 1)];
  const choose = (hit: Hit) => {
    onClose();
    if ("key" in hit)
      setTimeout(() => bench.show(hit.key)); // once the dialog has given the focus back
    else bench.add(hit.part);
  };
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((Math.min(at, hits.length - 1) + step + hits.length) % Math.max(hits.length, 1));
    else if (event.key === "Enter" && chosen) choose(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Search" onClose={onClose}>
      <input
        ref={field}
        className="input"
        role="combobox"
        aria-label="Steps, components and what can be added"
        placeholder="Steps, components and what can be added"
        aria-expanded={hits.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={chosen ? `${id}-${hits.indexOf(chosen)}` : undefined}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={keys}
      />
      <div className="hits" role="listbox" id={`${id}-list`} aria-label="Found" tabIndex={-1}>
        {hits.map((hit, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are those of the field above
          <div
            key={"key" in hit ? hit.key : hit.part.id}
            id={`${id}-${i}`}
            className="hit"
            role="option"
            aria-selected={hit === chosen}
            tabIndex={-1}
            onClick={() => choose(hit)}
          >
            {"part" in hit && <Plus size={15} aria-hidden />}
            <span className="hit-name">{hit.label}</span>
            <span className="hit-about">{hit.about}</span>
          </div>
        ))}
      </div>
      <p className="hint" role="status">
        {hits.length === 0 ? "Nothing is called that." : `${hits.length} found`}
      </p>
    </Dialog>
  );
}
