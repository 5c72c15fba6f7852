import { useState } from "react";
import { alike } from "./difference";

export interface Form<T> {
  value: T;
  change: (part: Partial<T>) => void;
  /** What the changes are made to, and its entity tag. */
  seen: T;
  tag: string | undefined;
  dirty: boolean;
  /** Somebody else has changed what is on the server since. */
  stale: boolean;
  /** take gives up the changes for what is on the server. */
  take: () => void;
  /** saved goes on from the answer to a save. */
  saved: (value: T, tag: string | undefined) => void;
}

/** useForm lets somebody change what is on the server. What others change there is taken up as long as nothing would be lost. */
export function useForm<T extends object>(server: T, tag: string | undefined): Form<T> {
  const [seen, setSeen] = useState({ value: server, tag });
  const [value, setValue] = useState(server);
  const saved = (next: T, nextTag: string | undefined) => {
    setSeen({ value: next, tag: nextTag });
    setValue(next);
  };
  const dirty = !alike(value, seen.value);
  const other = tag === undefined ? !alike(server, seen.value) : tag !== seen.tag;
  if (other && !dirty) saved(server, tag);
  return {
    value,
    change: (part) => setValue((now) => ({ ...now, ...part })),
    seen: seen.value,
    tag: seen.tag,
    dirty,
    stale: other && dirty,
    take: () => saved(server, tag),
    saved,
  };
}
