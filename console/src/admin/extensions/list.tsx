import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { useClient } from "../../api/context";
import { useSelf } from "../../auth/context";
import { Button } from "../../ui/button";
import { Empty, When } from "../../ui/shown";
import { Table } from "../../ui/table";
import { Answered, Page } from "../page";
import { may } from "../scopes";
import { type Extension, extensionsOf } from "./api";
import { Create } from "./create";

/** The page of all extensions. */
export function Component() {
  const [making, setMaking] = useState(false);
  const list = useQuery(extensionsOf(useClient()));
  const make = useSelf().may(may.createExtensions) && (
    <Button look="primary" onClick={() => setMaking(true)}>
      <Plus size={16} aria-hidden />
      New extension
    </Button>
  );
  return (
    <Page title="Extensions" about="Services of yours that a flow asks on its way." buttons={make}>
      <Answered query={list}>
        {(rows) =>
          rows.length === 0 ? (
            <div className="card">
              <Empty title="There is no extension yet">With one, a service of yours checks or fills in what people enter.</Empty>
            </div>
          ) : (
            <div className="card list">
              <Table
                label="Extensions"
                rows={rows}
                rowKey={(row) => row.id}
                columns={[
                  {
                    label: "Name",
                    cell: (row: Extension) => (
                      <>
                        <Link to={`/extensions/${row.id}`}>{row.name}</Link>
                        {row.description && <small>{row.description}</small>}
                      </>
                    ),
                  },
                  { label: "Address", cell: (row: Extension) => row.endpoint.uri },
                  { label: "Changed", cell: (row: Extension) => <When at={row.updatedAt} /> },
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
