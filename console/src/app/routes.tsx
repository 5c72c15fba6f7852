import { createBrowserRouter, redirect } from "react-router";
import { Broken, NotFound } from "./lost";
import type { Place } from "./place";
import { Shell } from "./shell";

/** Nothing is shown for the moment that the first page takes to load. */
const Nothing = () => null;

/** newRouter knows the pages by their paths. Each is loaded when somebody goes there. */
export function newRouter(place: Place) {
  return createBrowserRouter(
    [
      {
        path: "/",
        element: <Shell place={place} />,
        ErrorBoundary: Broken,
        HydrateFallback: Nothing,
        children: [
          {
            ErrorBoundary: Broken,
            children: [
              { index: true, loader: () => redirect("/flows") },
              { path: "flows", lazy: () => import("../flows/overview") },
              { path: "flows/:flowType/design", lazy: () => import("./design") },
              { path: "flows/:flowType/versions", lazy: () => import("../flows/versions") },
              { path: "applications", lazy: () => import("../admin/applications/list") },
              { path: "applications/:id", lazy: () => import("../admin/applications/detail") },
              { path: "users", lazy: () => import("../admin/users/list") },
              { path: "users/:id", lazy: () => import("../admin/users/detail") },
              { path: "connections", lazy: () => import("../admin/connections/list") },
              { path: "connections/:id", lazy: () => import("../admin/connections/detail") },
              { path: "extensions", lazy: () => import("../admin/extensions/list") },
              { path: "extensions/:id", lazy: () => import("../admin/extensions/detail") },
              { path: "attributes", lazy: () => import("../admin/attributes/list") },
              { path: "branding", lazy: () => import("../admin/branding/page") },
              { path: "messages", lazy: () => import("../admin/messages/list") },
              { path: "messages/:name/:locale", lazy: () => import("../admin/messages/detail") },
              { path: "sign-in", lazy: () => import("../admin/settings/sign-in") },
              { path: "outbox", lazy: () => import("../admin/outbox/list") },
              { path: "settings", lazy: () => import("../admin/settings/server") },
              { path: "audit-log", lazy: () => import("../admin/audit/log") },
              { path: "*", Component: NotFound },
            ],
          },
        ],
      },
    ],
    { basename: `${place.root}/console` },
  );
}
