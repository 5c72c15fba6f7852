import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { useClient } from "../../api/context";
import { useSelf } from "../../auth/context";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/shown";
import { Table } from "../../ui/table";
import { Answered, Page } from "../page";
import { may } from "../scopes";
import { type Connection, connectionsOf, kindsOf } from "./api";
import { Create } from "./create";
import { Enabled } from "./switch";

/** The page of all connections. */
export function Component() {
  const client = useClient();
  const [making, setMaking] = useState(false);
  const list = useQuery(connectionsOf(client));
  const kinds = useQuery(kindsOf(client)).data;
  const make = useSelf().may(may.createConnections) && (
    <Button look="primary" onClick={() => setMaking(true)}>
      <Plus size={16} aria-hidden />
      New connection
    </Button>
  );
  return (
    <Page title="Connections" about="Providers of identities that people can be sent to." buttons={make}>
      <Answered query={list}>
        {(rows) =>
          rows.length === 0 ? (
            <div className="card">
              <Empty title="There is no connection yet">With one, people sign in by an account that they have elsewhere.</Empty>
            </div>
          ) : (
            <div className="card list">
              <Table
                label="Connections"
                rows={rows}
                rowKey={(row) => row.id}
                columns={[
                  {
                    label: "Name",
                    cell: (row: Connection) => (
                      <>
                        <Link to={`/connections/${row.id}`}>{row.name}</Link>
                        {row.description && <small>{row.description}</small>}
                      </>
                    ),
                  },
                  { label: "Kind", cell: (row: Connection) => kinds?.find((one) => one.kind === row.kind)?.label ?? row.kind },
                  { label: "Enabled", end: true, cell: (row: Connection) => <Enabled connection={row} /> },
                ]}
              />
            </div>
          )
        }
      </Answered>
      {making && <Create onClose={() => setMaking(false)} />}
    </Page>
  );
}
