import { type KeyboardEvent, useState } from "react";
import { endDrag, startDrag } from "../canvas/drag";
import { iconOf } from "../icons";
import { grouped } from "../model/grouped";
import type { Part } from "../model/parts";
import { useBench, useDeclared } from "../state/context";

/**
 * Palette shows what can be added. It is dragged to its place, or pressed and so added behind what is selected. Its parts are many, and one stop for Tab
 * by group.
 */
export function Palette() {
  const { parts } = useDeclared();
  const [text, setText] = useState("");
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = parts.filter((part) => words.every((word) => `${part.label} ${part.summary} ${part.group}`.toLowerCase().includes(word)));
  const groups = grouped(fitting, (part) => part.group);
  return (
    <section className="palette" aria-label="Add" onKeyDown={walk}>
      <input
        type="search"
        className="input"
        placeholder="Find a part"
        aria-label="Find a part"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="palette-groups">
        {[...groups].map(([group, list]) => (
          <Group key={group} name={group} parts={list} searching={words.length > 0} />
        ))}
        {fitting.length === 0 && <p className="hint">Nothing is called that.</p>}
      </div>
    </section>
  );
}

/** walk goes up and down the palette with the arrow keys: its groups are reached by Tab, and what is in them from there. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>("input, summary, details[open] .part")];
  stops[stops.indexOf(event.target as HTMLElement) + step]?.focus();
  event.preventDefault();
}

function Group({ name, parts, searching }: { name: string; parts: readonly Part[]; searching: boolean }) {
  const [open, setOpen] = useState(name !== "Ready-made");
  return (
    <details open={open || searching} onToggle={(event) => !searching && setOpen(event.currentTarget.open)}>
      <summary>{name}</summary>
      <ul className="parts">
        {parts.map((part) => (
          <li key={part.id}>
            <PartButton part={part} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function PartButton({ part }: { part: Part }) {
  const { add, readOnly } = useBench();
  const Icon = iconOf(part.icon);
  return (
    <button
      type="button"
      className={`part part-${part.kind}`}
      tabIndex={-1}
      draggable={!readOnly}
      disabled={readOnly}
      title={part.summary || undefined}
      onDragStart={(event) => startDrag(event, { part })}
      onDragEnd={endDrag}
      onClick={() => add(part)}
    >
      <Icon size={15} aria-hidden />
      {part.label}
    </button>
  );
}
