import { type QueryKey, type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Refused } from "../../api/problem";
import { Button } from "../../ui/button";
import { useToasts } from "../../ui/toast";
import { Confirm, Saving } from "../asking";
import { type Form, useForm } from "../form";
import { Guard } from "../guard";
import { changed, type Saved } from "./api";
import { Conflict } from "./conflict";
import type { Document } from "./document";

/** Editing is a document that somebody changes, and what is done about it. */
export interface Editing {
  form: Form<Saved>;
  change: (document: Document) => void;
  saving: UseMutationResult<Saved | undefined, Error, string | undefined>;
  resetting: UseMutationResult<void, Error, void>;
  saved: Saved;
}

export interface EditingOptions {
  saved: Saved;
  /** save saves the document over what has the tag; undefined where nothing is left to be saved. */
  save: (document: Document, tag: string | undefined) => Promise<Saved | undefined>;
  reset: (tag: string | undefined) => Promise<void>;
  /** Where the query keeps what is saved, and what it has there where nothing is. */
  queryKey: QueryKey;
  nothing: Document;
  /** What the form begins with where nothing is saved. */
  otherwise: Document;
}

/** useEditing lets somebody change a saved document. */
export function useEditing({ saved, save, reset, queryKey, nothing, otherwise }: EditingOptions): Editing {
  const queries = useQueryClient();
  const toasts = useToasts();
  const form = useForm<Saved>(saved, saved.tag);
  const took = (now: Saved | undefined) => {
    queries.setQueryData(queryKey, now ?? { document: nothing, tag: undefined });
    form.saved(now ?? { document: otherwise, tag: undefined }, now?.tag);
    return changed(queries);
  };
  const saving = useMutation({
    mutationFn: (tag: string | undefined) => save(form.value.document, tag),
    onSuccess: (now) => {
      toasts.say("Saved.");
      return took(now);
    },
  });
  const resetting = useMutation({
    mutationFn: () => reset(form.tag),
    onSuccess: () => {
      toasts.say("Everything is as it is by itself.");
      return took(undefined);
    },
  });
  const change = (document: Document) => {
    saving.reset(); // what was wrong is said of what is entered now
    form.change({ document });
  };
  return { form, saving, resetting, saved, change };
}

export interface SaveBarProps {
  editing: Editing;
  mistake: string | undefined;
}

/** SaveBar is at the end of the form: it saves, compares where somebody else was first, and keeps people from leaving changes behind. */
export function SaveBar({ editing: { form, saving, saved }, mistake }: SaveBarProps) {
  const [comparing, setComparing] = useState(false);
  const refused = saving.error instanceof Refused && saving.error.changed;
  return (
    <>
      <Guard dirty={form.dirty} />
      <Saving
        form={form}
        running={saving.isPending}
        mistake={refused ? undefined : mistake}
        onSave={() => saving.mutate(form.tag)}
        onCompare={() => setComparing(true)}
      />
      {comparing && form.stale && (
        <Conflict
          mine={form.value.document}
          theirs={saved.document}
          running={saving.isPending}
          onTheirs={() => {
            form.take();
            setComparing(false);
          }}
          onMine={() => saving.mutate(saved.tag, { onSuccess: () => setComparing(false) })}
          onClose={() => setComparing(false)}
        />
      )}
    </>
  );
}

/** Resetting asks, and forgets what is saved. */
export function Resetting({ editing: { form, resetting }, children }: { editing: Editing; children: string }) {
  const [asking, setAsking] = useState(false);
  if (form.tag === undefined) return null;
  return (
    <>
      <Button onClick={() => setAsking(true)}>Reset…</Button>
      {asking && (
        <Confirm
          title="Reset?"
          label="Reset"
          doing={{ ...resetting, mutate: () => resetting.mutate(undefined, { onSuccess: () => setAsking(false) }) }}
          onClose={() => setAsking(false)}
        >
          {children}
        </Confirm>
      )}
    </>
  );
}
