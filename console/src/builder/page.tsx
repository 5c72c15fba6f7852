import { useContext, useMemo } from "react";
import { useParams } from "react-router";
import { ServerContext } from "../api/context";
import { mayUpdate } from "../api/flows";
import { isFlowType } from "../api/types";
import { useSelf } from "../auth/context";
import { Empty } from "../ui/shown";
import { Builder } from "./builder";
import { serverApi } from "./server";

/** The page of the builder, for a route with the parameter flowType. */
export function Component() {
  const { flowType } = useParams();
  const { may } = useSelf();
  const server = useContext(ServerContext);
  const api = useMemo(() => server && serverApi(server.client, server.connection), [server]);
  if (!isFlowType(flowType) || !api) return <Empty title="There is no such flow" />;
  return <Builder key={flowType} flowType={flowType} api={api} readOnly={!may(mayUpdate)} />;
}
