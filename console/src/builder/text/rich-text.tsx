import { Bold, Code, Italic, Link, List, ListOrdered, Underline } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Button, IconButton } from "../../ui/button";
import { Input, TextArea } from "../../ui/field";
import { clean, isAddress, isClean } from "../../ui/safe";

export interface RichTextProps {
  label: string;
  value: string;
  onChange: (html: string) => void;
  disabled?: boolean;
}

/**
 * RichText edits the little HTML that pages may hold. It is the browser's own editing (contenteditable) with a fixed set of elements; HTML that holds
 * more than that is shown as text, so that opening it loses nothing.
 */
export function RichText({ label, value, onChange, disabled = false }: RichTextProps) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const shown = useRef<string>(undefined);
  const [source, setSource] = useState(!isClean(value));
  const [linking, setLinking] = useState<Range>();
  useEffect(() => {
    // What was typed is there already; writing it again would move the cursor.
    if (!box.current || shown.current === value) return;
    box.current.innerHTML = clean(value);
    shown.current = value;
  });
  const take = () => {
    const html = clean(box.current?.innerHTML ?? "");
    shown.current = html;
    onChange(html);
  };
  const run = (command: string, argument?: string) => {
    box.current?.focus();
    document.execCommand(command, false, argument);
    take();
  };
  const link = (address: string) => {
    const selection = getSelection();
    selection?.removeAllRanges();
    if (linking) selection?.addRange(linking);
    setLinking(undefined);
    run(address === "" ? "unlink" : "createLink", address);
  };
  const tools: [string, ReactNode, () => void][] = [
    ["Bold", <Bold key="b" size={16} />, () => run("bold")],
    ["Italic", <Italic key="i" size={16} />, () => run("italic")],
    ["Underline", <Underline key="u" size={16} />, () => run("underline")],
    ["List", <List key="l" size={16} />, () => run("insertUnorderedList")],
    ["Numbered list", <ListOrdered key="n" size={16} />, () => run("insertOrderedList")],
    ["Link", <Link key="a" size={16} />, () => setLinking(chosenRange(box.current))],
  ];
  return (
    <div className="rich">
      <span className="field-label" id={id}>
        {label}
      </span>
      <div className="rich-tools" role="toolbar" aria-label={`${label}: format`}>
        {!source &&
          tools.map(([name, icon, act]) => (
            <IconButton key={name} label={name} disabled={disabled} onMouseDown={(event) => event.preventDefault()} onClick={act}>
              {icon}
            </IconButton>
          ))}
        <IconButton
          label="HTML"
          aria-pressed={source}
          disabled={disabled || (source && !isClean(value))}
          onClick={() => setSource(!source)}
        >
          <Code size={16} />
        </IconButton>
      </div>
      {linking && <LinkForm onLink={link} onClose={() => setLinking(undefined)} />}
      {source ? (
        <TextArea
          label={<span className="visually-hidden">{label}, HTML</span>}
          hint="The pages leave out what is more than text, links, lists and emphasis."
          value={value}
          disabled={disabled}
          onChange={(event) => onChange(event.target.value)}
        />
      ) : (
        // biome-ignore lint/a11y/useSemanticElements: a textarea holds no markup
        <div
          ref={box}
          className="input rich-box"
          contentEditable={!disabled}
          suppressContentEditableWarning
          role="textbox"
          tabIndex={0}
          aria-multiline
          aria-labelledby={id}
          onInput={take}
        />
      )}
    </div>
  );
}

/** chosenRange is what is selected within the editor, else what the cursor stands in: nothing could not be made a link. */
function chosenRange(box: HTMLElement | null): Range {
  const selection = getSelection();
  const inside = selection && selection.rangeCount > 0 && box?.contains(selection.anchorNode) ? selection.getRangeAt(0) : undefined;
  if (inside && !inside.collapsed) return inside.cloneRange();
  const range = document.createRange();
  const at = inside?.startContainer;
  const block = (at instanceof Element ? at : at?.parentElement)?.closest("a, li, p, h1, h2, h3, h4, h5, h6");
  if (box) range.selectNodeContents(block && box.contains(block) ? block : box);
  return range;
}

/** Stands for the place that people came from. */
const application = "{{application.callbackOrAccessUrl}}";

function LinkForm({ onLink, onClose }: { onLink: (address: string) => void; onClose: () => void }) {
  const [address, setAddress] = useState("");
  const wrong = address !== "" && !isAddress(address);
  return (
    <form
      className="rich-link"
      onSubmit={(event) => {
        event.preventDefault();
        if (!wrong) onLink(address);
      }}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <Input
        label="Leads to"
        autoFocus
        placeholder="https://… or {{placeholder}}"
        value={address}
        mistake={wrong ? "It has to begin with https://, http://, mailto: or /." : undefined}
        onChange={(event) => setAddress(event.target.value)}
      />
      <div className="rich-link-acts">
        <Button type="submit" look={address === "" ? "plain" : "primary"} disabled={wrong}>
          {address === "" ? "Take the link away" : "Set the link"}
        </Button>
        <Button onClick={() => onLink(application)}>Back to the application</Button>
      </div>
    </form>
  );
}
