import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useClient } from "../api/context";
import { changed, saveDraft } from "../api/flows";
import type { Overview } from "../api/types";
import { useToasts } from "../ui/toast";
import { flowWords, plural } from "./words";

/** useAdopt makes a document the draft of the flow, in place of the draft that the person saw when it was first shown. */
export function useAdopt(flow: Overview, onDone: () => void) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const [seen] = useState(flow.draft?.revision);
  return useMutation({
    mutationFn: (document: string) => saveDraft(client, flow.flowType, document, seen, flow.live?.number ?? 0),
    onSuccess: ({ problems }) => {
      void changed(queries);
      const but = problems.length > 0 ? ` It has ${plural(problems.length, "problem")} to be solved before it can be published.` : "";
      toasts.say(`The draft of ${flowWords[flow.flowType].name} is saved. Nothing is live yet.${but}`);
      onDone();
    },
  });
}
