import { queryOptions, useQuery } from "@tanstack/react-query";
import { AppWindow, ArrowRight, Palette, UserPlus } from "lucide-react";
import { Link } from "react-router";
import type { Client } from "../api/client";
import { useClient } from "../api/context";
import type { components } from "../api/generated/applications";
import { useSelf } from "../auth/context";

const mayCreate = "internal_application_mgt_create";

const steps = [
  { to: "/applications", icon: AppWindow, label: "Add an application", about: "What people are to sign in to, and by what." },
  { to: "/branding", icon: Palette, label: "Make the pages yours", about: "Logo, colours and words, with a preview." },
  { to: "/users", icon: UserPlus, label: "Invite people", about: "Colleagues too: as editors or viewers." },
];

/** countOf is how many applications there are, the console among them. */
const countOf = (client: Client, enabled: boolean) =>
  queryOptions({
    queryKey: ["applications", "count"],
    queryFn: async ({ signal }) =>
      (await client.get<components["schemas"]["ApplicationList"]>("/api/server/v1/applications", { query: { limit: 1 }, signal })).data
        .totalResults,
    enabled,
  });

/** First says what to do to whoever has just set up the server: it has no application yet but the console itself. */
export function First() {
  const may = useSelf().may(mayCreate);
  const { data } = useQuery(countOf(useClient(), may));
  if (data === undefined || data > 1) return null;
  return (
    <section className="first" aria-label="First steps">
      <h2>First steps</h2>
      <p>The flows below work as they are. What is left to do:</p>
      <ol>
        {steps.map((step) => (
          <li key={step.to}>
            <Link className="card first-step" to={step.to}>
              <step.icon size={20} aria-hidden />
              <span>
                <strong>{step.label}</strong>
                <small>{step.about}</small>
              </span>
              <ArrowRight size={16} aria-hidden />
            </Link>
          </li>
        ))}
      </ol>
    </section>
  );
}
