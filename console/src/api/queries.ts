import { MutationCache, QueryClient } from "@tanstack/react-query";
import { Refused } from "./problem";

/** newQueries keeps what was read. The client repeats what is worth repeating; here nothing is. */
export function newQueries(): QueryClient {
  const queries: QueryClient = new QueryClient({
    defaultOptions: {
      queries: { retry: false, staleTime: 5_000, networkMode: "always" },
      mutations: { retry: false, networkMode: "always" },
    },
    mutationCache: new MutationCache({
      onError: (error) => {
        // Somebody else's change is why: what is shown is old.
        if (error instanceof Refused && error.changed) void queries.invalidateQueries();
      },
    }),
  });
  return queries;
}
