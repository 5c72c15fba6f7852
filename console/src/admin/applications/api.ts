import { infiniteQueryOptions, keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
import type { Answer, Client as Api } from "../../api/client";
import type { components } from "../../api/generated/applications";

type Schemas = components["schemas"];
export type Application = Schemas["Application"];
export type ApplicationChange = Schemas["ApplicationChange"];
export type OAuthClient = Schemas["Client"];
export type Grant = Schemas["Grant"];
export type Step = Schemas["Step"];
export type Meta = Schemas["Meta"];
type List = Schemas["ApplicationList"];
export type Listed = List["applications"][number];

const path = "/api/server/v1/applications";
const key = "applications";

/** listOf are the applications whose name has the text in it, page by page. */
export const listOf = (api: Api, text: string) =>
  infiniteQueryOptions({
    queryKey: [key, "list", text],
    queryFn: async ({ pageParam, signal }) =>
      (await api.get<List>(path, { query: { offset: pageParam, filter: text ? `name co ${JSON.stringify(text)}` : undefined }, signal }))
        .data,
    initialPageParam: 0,
    getNextPageParam: ({ startIndex, count, totalResults }) => {
      const next = startIndex - 1 + count;
      return count > 0 && next < totalResults ? next : undefined;
    },
    placeholderData: keepPreviousData,
  });

export const applicationOf = (api: Api, id: string) =>
  queryOptions({
    queryKey: [key, "one", id],
    queryFn: ({ signal }) => api.get<Application>(`${path}/${encodeURIComponent(id)}`, { signal }),
  });

export const metaOf = (api: Api) =>
  queryOptions({
    queryKey: [key, "meta"],
    queryFn: async ({ signal }) => (await api.get<Meta>(`${path}/meta`, { signal })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });

export const create = (api: Api, change: ApplicationChange): Promise<Answer<Application>> => api.send("POST", path, { body: change });

export const patch = (api: Api, id: string, change: ApplicationChange, ifMatch: string | undefined): Promise<Answer<Application>> =>
  api.send("PATCH", `${path}/${id}`, { body: change, ifMatch });

export const regenerate = (api: Api, id: string, ifMatch: string | undefined): Promise<Answer<OAuthClient>> =>
  api.send("POST", `${path}/${id}/inbound-protocols/oidc/regenerate-secret`, { ifMatch });

export async function remove(api: Api, id: string, ifMatch: string | undefined): Promise<void> {
  await api.send("DELETE", `${path}/${id}`, { ifMatch });
}

/** withoutSecret takes the secret out of an application, so that it is kept no longer than it is told. */
export function withoutSecret(application: Application): Application {
  const { clientSecret: _, ...oidc } = application.inboundProtocolConfiguration.oidc;
  return { ...application, inboundProtocolConfiguration: { oidc } };
}

/** changed makes the pages read again what they show of applications; know has them take an answer as read. */
export const changed = (queries: QueryClient) => queries.invalidateQueries({ queryKey: [key, "list"] });

export function know(queries: QueryClient, application: Application, etag: string | undefined): void {
  queries.setQueryData([key, "one", application.id], { data: application, text: "", etag } satisfies Answer<Application>);
}

export const forget = (queries: QueryClient, id: string) => queries.removeQueries({ queryKey: [key, "one", id] });
