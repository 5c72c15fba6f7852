import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { useClient } from "../../api/context";
import { Badge } from "../../ui/shown";
import { Table } from "../../ui/table";
import { Answered, Page, Section } from "../page";
import { type Catalogue, catalogueOf, type Listed } from "./api";
import { channels, languageName } from "./words";
import "./messages.css";

/** The page of all message templates. */
export function Component() {
  const query = useQuery(catalogueOf(useClient()));
  return (
    <Page title="Messages" about="What the server says in mails and text messages. The words can be your own, in each language.">
      <Answered query={query}>
        {(catalogue) => (
          <>
            {(["email", "sms"] as const).map((channel) => (
              <Templates
                key={channel}
                title={channels[channel]}
                languages={catalogue.languages}
                rows={catalogue.templates.filter((one) => one.channel === channel)}
              />
            ))}
          </>
        )}
      </Answered>
    </Page>
  );
}

function Templates({ title, languages, rows }: { title: string; languages: Catalogue["languages"]; rows: Listed[] }) {
  return (
    <Section title={title}>
      <div className="list">
        <Table
          label={title}
          rows={rows}
          rowKey={(row) => row.name}
          columns={[
            {
              label: "Message",
              cell: (row: Listed) => (
                <>
                  <Link to={`/messages/${row.name}/${row.customised[0] ?? languages[0]}`}>{row.label}</Link>
                  <small>{row.purpose}</small>
                </>
              ),
            },
            {
              label: "Languages",
              cell: (row: Listed) => (
                <span className="badges">
                  {languages.map((tag) => (
                    <Badge key={tag} tone={row.customised.includes(tag) ? "info" : "plain"}>
                      {languageName(tag)}
                    </Badge>
                  ))}
                </span>
              ),
            },
            {
              label: "Words",
              cell: (row: Listed) =>
                row.customised.length === 0 ? "Default" : `Your own in ${row.customised.map(languageName).join(", ")}`,
            },
          ]}
        />
      </div>
    </Section>
  );
}
