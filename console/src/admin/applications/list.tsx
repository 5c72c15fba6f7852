import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { useClient } from "../../api/context";
import { useSelf } from "../../auth/context";
import { Button } from "../../ui/button";
import { Input } from "../../ui/field";
import { Empty } from "../../ui/shown";
import { Table } from "../../ui/table";
import { Answered, More, Page } from "../page";
import { may } from "../scopes";
import { useSettled } from "../settled";
import { type Listed, listOf } from "./api";
import { Create } from "./create";

/** The page of all applications. */
export function Component() {
  const [text, setText] = useState("");
  const [making, setMaking] = useState(false);
  const mayCreate = useSelf().may(may.createApplications);
  const list = useInfiniteQuery(listOf(useClient(), useSettled(text.trim())));
  const make = mayCreate && (
    <Button look="primary" onClick={() => setMaking(true)}>
      <Plus size={16} aria-hidden />
      New application
    </Button>
  );
  return (
    <Page title="Applications" about="What people sign in to, and what it takes." buttons={make}>
      <div className="list-head">
        <Input label="Search by name" type="search" value={text} onChange={({ target }) => setText(target.value)} />
      </div>
      <Answered query={list}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.applications);
          const total = pages.at(-1)?.totalResults ?? 0;
          return (
            <>
              <p className="list-count" role="status">
                {total === 1 ? "1 application" : `${total.toLocaleString()} applications`}
              </p>
              {rows.length === 0 ? (
                <div className="card">
                  <Empty title={text ? "No application has this in its name" : "There is no application yet"} />
                </div>
              ) : (
                <div className="card list">
                  <Table label="Applications" rows={rows} rowKey={(row) => row.id} columns={columns} />
                </div>
              )}
              <More query={list} />
            </>
          );
        }}
      </Answered>
      {making && <Create onClose={() => setMaking(false)} />}
    </Page>
  );
}

const columns = [
  {
    label: "Name",
    cell: (row: Listed) => (
      <>
        <Link to={`/applications/${row.id}`}>{row.name}</Link>
        {row.description && <small>{row.description}</small>}
      </>
    ),
  },
  { label: "Client ID", cell: (row: Listed) => <code>{row.clientId}</code> },
  { label: "Address", cell: (row: Listed) => row.accessUrl || "—" },
];
