import { type UseMutationResult, useQueryClient } from "@tanstack/react-query";
import { Copy } from "lucide-react";
import { type ReactNode, type SubmitEvent, useId, useState } from "react";
import { explain } from "../api/problem";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Input } from "../ui/field";
import { Notice } from "../ui/shown";
import { useToasts } from "../ui/toast";
import type { Form } from "./form";

export interface ConfirmProps {
  title: string;
  /** What the button says that does it. */
  label: string;
  /** What has to be typed first, where a press is too little. */
  typed?: string;
  children: ReactNode;
  doing: Pick<UseMutationResult<unknown, Error, void>, "isPending" | "error" | "mutate">;
  onClose: () => void;
}

/** Confirm asks before something is done that cannot be undone. */
export function Confirm({ title, label, typed, children, doing, onClose }: ConfirmProps) {
  const [given, setGiven] = useState("");
  return (
    <Dialog
      title={title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" running={doing.isPending} disabled={typed !== undefined && given !== typed} onClick={() => doing.mutate()}>
            {label}
          </Button>
        </>
      }
    >
      {doing.error && <Notice tone="bad">{explain(doing.error)}</Notice>}
      <p>{children}</p>
      {typed !== undefined && (
        <Input
          label={`Type ${typed} to go on`}
          autoComplete="off"
          spellCheck={false}
          value={given}
          onChange={({ target }) => setGiven(target.value)}
        />
      )}
    </Dialog>
  );
}

export interface MakingProps {
  title: string;
  label: string;
  running: boolean;
  /** What is wrong with all of it. */
  mistake: string | undefined;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** Making is a dialog with a form, by which something new is made. */
export function Making({ title, label, running, mistake, onSubmit, onClose, children }: MakingProps) {
  const id = useId();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!running) onSubmit();
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={id} running={running} onClick={undefined}>
            {label}
          </Button>
        </>
      }
    >
      {mistake && <Notice tone="bad">{mistake}</Notice>}
      <form id={id} className="form" onSubmit={submit} noValidate>
        {children}
      </form>
    </Dialog>
  );
}

/** Told shows what is told this once, to be copied. */
export function Told({
  title,
  label,
  value,
  children,
  onClose,
}: {
  title: string;
  label: string;
  value: string;
  children: ReactNode;
  onClose: () => void;
}) {
  const toasts = useToasts();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      toasts.say("Copied.");
    } catch {
      toasts.complain("The browser does not let this page copy. Select the text, and copy it yourself.");
    }
  };
  return (
    <Dialog
      title={title}
      foot={
        <>
          <Button onClick={copy}>
            <Copy size={16} aria-hidden />
            Copy
          </Button>
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <p>{children}</p>
      <Input label={label} className="input" value={value} readOnly onFocus={({ target }) => target.select()} />
    </Dialog>
  );
}

/** Saving is at the end of a form: whether there is something to save, and whether somebody else was there first. */
export function Saving<T>({
  form,
  running,
  mistake,
  onSave,
  onCompare,
}: {
  form: Form<T>;
  running: boolean;
  mistake: string | undefined;
  onSave: () => void;
  /** Shows what somebody else has changed beside what is entered. */
  onCompare?: () => void;
}) {
  const queries = useQueryClient();
  if (!form.dirty) return null;
  const giveUp = () => {
    form.take();
    void queries.invalidateQueries();
  };
  return (
    <section className="saving" aria-label="Changes">
      {form.stale ? (
        <Notice
          tone="warn"
          action={onCompare ? <Button onClick={onCompare}>Compare…</Button> : <Button onClick={giveUp}>Show theirs</Button>}
        >
          {onCompare
            ? "Somebody else has changed this meanwhile. See what differs before one of you loses something."
            : "Somebody else has changed this meanwhile. Yours cannot be saved over it; what you have entered is lost when theirs is shown."}
        </Notice>
      ) : (
        mistake && <Notice tone="bad">{mistake}</Notice>
      )}
      <div className="saving-buttons">
        <span>There are changes that are not saved.</span>
        <Button onClick={form.take}>Discard</Button>
        <Button look="primary" running={running} disabled={form.stale} onClick={onSave}>
          Save
        </Button>
      </div>
    </section>
  );
}
