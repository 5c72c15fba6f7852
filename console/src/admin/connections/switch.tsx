import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useClient } from "../../api/context";
import { explain } from "../../api/problem";
import { useSelf } from "../../auth/context";
import { Switch } from "../../ui/field";
import { useToasts } from "../../ui/toast";
import { may } from "../scopes";
import { type Connection, changed, know, patch } from "./api";

/** Enabled switches a connection on and off. It shows what is asked for until the server has answered. */
export function Enabled({ connection }: { connection: Connection }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const mayUpdate = useSelf().may(may.updateConnections);
  const switching = useMutation({
    mutationFn: (isEnabled: boolean) => patch(client, connection.id, { isEnabled }, undefined),
    onSuccess: async (now) => {
      know(queries, now);
      const { name, isEnabled } = now.data;
      toasts.say(isEnabled ? `${name} is switched on.` : `${name} is switched off. Nobody can use it until it is on again.`);
      await changed(queries);
    },
    onError: (error) => toasts.complain(explain(error)),
  });
  const on = switching.isPending ? switching.variables : connection.isEnabled;
  return (
    <Switch
      label={`${connection.name} enabled`}
      on={on}
      disabled={!mayUpdate}
      onChange={(next) => switching.isPending || switching.mutate(next)}
    />
  );
}
