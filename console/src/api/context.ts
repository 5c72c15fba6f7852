import { createContext, useContext, useSyncExternalStore } from "react";
import type { Client } from "./client";
import type { Connection } from "./connection";

/** What the pages reach the server by. */
export interface Server {
  client: Client;
  connection: Connection;
}

export const ServerContext = createContext<Server | undefined>(undefined);

export function useServer(): Server {
  const server = useContext(ServerContext);
  if (!server) throw new Error("there is no ServerContext");
  return server;
}

export const useClient = (): Client => useServer().client;

/** useConnected tells whether the server can be reached. */
export function useConnected(): boolean {
  const { connection } = useServer();
  return useSyncExternalStore(connection.subscribe, connection.isUp);
}
