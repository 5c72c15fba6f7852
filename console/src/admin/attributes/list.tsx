import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useClient } from "../../api/context";
import { useSelf } from "../../auth/context";
import { Button } from "../../ui/button";
import { Input } from "../../ui/field";
import { words } from "../../ui/schema";
import { Badge, Empty } from "../../ui/shown";
import { Table } from "../../ui/table";
import { Answered, Page } from "../page";
import { may } from "../scopes";
import { type Claim, claimsOf } from "./api";
import { Edit } from "./edit";

/** The page of the attributes that users can have. */
export function Component() {
  const self = useSelf();
  const list = useQuery(claimsOf(useClient()));
  const [text, setText] = useState("");
  const [open, setOpen] = useState<Claim | "new">();
  const make = self.may(may.createAttributes) && (
    <Button look="primary" onClick={() => setOpen("new")}>
      <Plus size={16} aria-hidden />
      New attribute
    </Button>
  );
  return (
    <Page title="Attributes" about="What is known of users: the standard attributes, and those that were added." buttons={make}>
      <div className="list-head">
        <Input label="Search" type="search" value={text} onChange={({ target }) => setText(target.value)} />
      </div>
      <Answered query={list}>
        {(claims) => {
          const rows = claims.filter((claim) => has(claim, text.trim().toLowerCase()));
          if (rows.length === 0) {
            return (
              <div className="card">
                <Empty title="No attribute is like this" />
              </div>
            );
          }
          return (
            <div className="card list">
              <Table
                label="Attributes"
                rows={rows}
                rowKey={(row) => row.id}
                columns={columnsFor(setOpen, self.may(may.updateAttributes))}
              />
            </div>
          );
        }}
      </Answered>
      {open && <Edit claim={open === "new" ? undefined : open} onClose={() => setOpen(undefined)} />}
    </Page>
  );
}

const has = (claim: Claim, text: string) =>
  [claim.displayName, claim.shortName, claim.claimURI, claim.description].some((one) => one.toLowerCase().includes(text));

const columnsFor = (open: (claim: Claim) => void, mayUpdate: boolean) => [
  {
    label: "Name",
    cell: (row: Claim) => (
      <>
        <strong>{row.displayName}</strong>
        {row.description && <small>{row.description}</small>}
      </>
    ),
  },
  { label: "Short name", cell: (row: Claim) => <code>{row.shortName}</code> },
  { label: "Type", cell: (row: Claim) => `${words(row.dataType)}${row.multiValued ? ", several" : ""}` },
  {
    label: "Rules",
    cell: (row: Claim) => (
      <span className="badges">
        {row.required && <Badge tone="info">Required</Badge>}
        {row.uniquenessScope !== "NONE" && <Badge tone="info">Unique</Badge>}
        {row.readOnly && <Badge>Read only</Badge>}
        {row.regEx && <Badge>Pattern</Badge>}
      </span>
    ),
  },
  {
    label: <span className="visually-hidden">Detail</span>,
    end: true,
    cell: (row: Claim) => (
      <Button look="quiet" aria-label={`${mayUpdate ? "Change" : "Show"} ${row.displayName} (${row.shortName})`} onClick={() => open(row)}>
        {mayUpdate ? "Change…" : "Show…"}
      </Button>
    ),
  },
];
