import { useInfiniteQuery } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { useClient } from "../../api/context";
import { explain, Refused } from "../../api/problem";
import { useSelf } from "../../auth/context";
import { Button } from "../../ui/button";
import { Checkbox, Input, Select } from "../../ui/field";
import { Badge, Empty } from "../../ui/shown";
import { Table } from "../../ui/table";
import { Answered, More, Page } from "../page";
import { may } from "../scopes";
import { useSettled } from "../settled";
import { type User, usersOf } from "./api";
import { emailOf, nameOf, type State, searchFor, stateOf, states } from "./describe";
import { Invite } from "./invite";

/** The page of all users. */
export function Component() {
  const self = useSelf();
  const [text, setText] = useState("");
  const [exact, setExact] = useState(false);
  const [state, setState] = useState<State>("");
  const [inviting, setInviting] = useState(false);
  const filter = useSettled(exact ? text.trim() : searchFor(text.trim(), state));
  const list = useInfiniteQuery(usersOf(useClient(), filter));
  const mistake = list.error instanceof Refused && list.error.code === "invalidFilter" ? explain(list.error) : undefined;
  const invite = self.may(may.createUsers) && (
    <Button look="primary" onClick={() => setInviting(true)}>
      <UserPlus size={16} aria-hidden />
      Invite
    </Button>
  );
  return (
    <Page title="Users" about="Everybody who has an account." buttons={invite}>
      <div className="list-head">
        <Input
          label={exact ? "SCIM filter" : "Search by name or e-mail address"}
          type="search"
          spellCheck={false}
          placeholder={exact ? 'emails.value ew "@example.com"' : undefined}
          mistake={mistake}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        {!exact && (
          <Select
            label="Account"
            value={state}
            options={Object.entries(states).map(([value, label]) => ({ value, label }))}
            onChange={({ target }) => setState(target.value as State)}
          />
        )}
        <Checkbox
          label="As a SCIM filter"
          checked={exact}
          onChange={({ target }) => {
            setExact(target.checked);
            setText(target.checked ? searchFor(text.trim(), state) : "");
          }}
        />
      </div>
      {mistake === undefined && (
        <Answered query={list}>
          {({ pages }) => {
            const rows = pages.flatMap((page) => page.Resources);
            const total = pages.at(-1)?.totalResults ?? 0;
            return (
              <>
                <p className="list-count" role="status">
                  {total === 1 ? "1 user" : `${total.toLocaleString()} users`}
                </p>
                {rows.length === 0 ? (
                  <div className="card">
                    <Empty title="Nobody is like this" />
                  </div>
                ) : (
                  <div className="card list">
                    <Table label="Users" rows={rows} rowKey={(row) => row.id} columns={self.may(may.viewUsers) ? linked : plain} />
                  </div>
                )}
                <More query={list} />
              </>
            );
          }}
        </Answered>
      )}
      {inviting && <Invite onClose={() => setInviting(false)} />}
    </Page>
  );
}

const others = [
  { label: "Name", cell: (row: User) => nameOf(row) || "—" },
  { label: "E-mail address", cell: (row: User) => emailOf(row) || "—" },
  {
    label: "Account",
    cell: (row: User) => {
      const { label, tone } = stateOf(row);
      return <Badge tone={tone}>{label}</Badge>;
    },
  },
];
const plain = [{ label: "User name", cell: (row: User) => row.userName }, ...others];
const linked = [{ label: "User name", cell: (row: User) => <Link to={`/users/${row.id}`}>{row.userName}</Link> }, ...others];
