import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useClient } from "../../api/context";
import { useSelf } from "../../auth/context";
import { Button } from "../../ui/button";
import { Badge, Empty, When } from "../../ui/shown";
import { Table } from "../../ui/table";
import { useToasts } from "../../ui/toast";
import { Confirm } from "../asking";
import { Answered, Section } from "../page";
import { may } from "../scopes";
import { dropProof, proofsOf, sessionsOf, signOut } from "./api";

/** Something that is about to be taken away. */
interface Dropping {
  path: string;
  title: string;
  text: string;
}

/** Proofs shows by what the user can sign in, and takes it away. */
export function Proofs({ user }: { user: string }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const mayDrop = useSelf().may(may.updateUsers);
  const query = useQuery(proofsOf(client, user));
  const [dropping, setDropping] = useState<Dropping>();
  const drop = useMutation({
    mutationFn: async () => dropping && dropProof(client, user, dropping.path),
    onSuccess: () => {
      setDropping(undefined);
      toasts.say("It is gone.");
    },
    onSettled: () => queries.invalidateQueries({ queryKey: proofsOf(client, user).queryKey }),
  });
  const stays = "Who signed in by it stays signed in until they are signed out.";
  return (
    <Section title="Ways to sign in">
      <Answered query={query}>
        {({ password, passkeys, accounts }) => (
          <>
            <p>
              <Badge tone={password ? "good" : "plain"}>{password ? "There is a password" : "There is no password"}</Badge>
            </p>
            {passkeys.length > 0 && (
              <Table
                label="Passkeys"
                rows={passkeys}
                rowKey={(row) => row.id}
                columns={[
                  {
                    label: "Passkey",
                    cell: (row) => (
                      <>
                        <strong>{row.provider ?? row.domain}</strong>
                        {row.provider && <small>{row.domain}</small>}
                      </>
                    ),
                  },
                  { label: "Kept", cell: (row) => <Badge tone={row.synced ? "good" : "plain"}>{keptOf(row)}</Badge> },
                  { label: "Made", cell: (row) => <When at={row.created} /> },
                  { label: "Last used", cell: (row) => (row.used ? <When at={row.used} /> : "Never") },
                  {
                    label: <span className="visually-hidden">Remove</span>,
                    end: true,
                    cell: (row) =>
                      mayDrop && (
                        <Button
                          look="quiet"
                          aria-label={`Remove the passkey ${passkeys.indexOf(row) + 1}`}
                          onClick={() =>
                            setDropping({
                              path: `passkeys/${row.id}`,
                              title: "Remove this passkey?",
                              text: `Nobody can sign in by it any more. ${stays}`,
                            })
                          }
                        >
                          Remove…
                        </Button>
                      ),
                  },
                ]}
              />
            )}
            {accounts.length > 0 && (
              <Table
                label="Accounts elsewhere"
                rows={accounts}
                rowKey={(row) => row.id}
                columns={[
                  { label: "Account at", cell: (row) => row.connection },
                  { label: "Known there as", cell: (row) => <code>{row.subject}</code> },
                  { label: "Since", cell: (row) => (row.linked ? <When at={row.linked} /> : "—") },
                  {
                    label: <span className="visually-hidden">Remove</span>,
                    end: true,
                    cell: (row) =>
                      mayDrop && (
                        <Button
                          look="quiet"
                          aria-label={`Remove the link to ${row.connection}`}
                          onClick={() =>
                            setDropping({
                              path: `accounts/${row.id}`,
                              title: `Remove the link to ${row.connection}?`,
                              text: `The account there opens this one no more. ${stays}`,
                            })
                          }
                        >
                          Remove…
                        </Button>
                      ),
                  },
                ]}
              />
            )}
          </>
        )}
      </Answered>
      {dropping && (
        <Confirm title={dropping.title} label="Remove" doing={drop} onClose={() => setDropping(undefined)}>
          {dropping.text}
        </Confirm>
      )}
    </Section>
  );
}

/** keptOf says where a passkey is: whether it is lost with the device, too. */
const keptOf = ({ synced, syncable }: { synced: boolean; syncable: boolean }) =>
  synced ? "On several devices" : syncable ? "Not backed up yet" : "On one device only";

/** Sessions shows where the user is signed in, and ends it everywhere. */
export function Sessions({ user }: { user: string }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const maySignOut = useSelf().may(may.updateUsers);
  const query = useQuery(sessionsOf(client, user));
  const [asking, setAsking] = useState(false);
  const out = useMutation({
    mutationFn: () => signOut(client, user),
    onSuccess: () => {
      setAsking(false);
      toasts.say("They are signed out everywhere.");
      void queries.invalidateQueries({ queryKey: sessionsOf(client, user).queryKey });
    },
  });
  return (
    <Section title="Signed in" buttons={maySignOut && <Button onClick={() => setAsking(true)}>Sign out everywhere…</Button>}>
      <Answered query={query}>
        {({ sessions }) =>
          sessions.length === 0 ? (
            <Empty title="Nowhere in a browser" />
          ) : (
            <Table
              label="Sessions"
              rows={sessions}
              rowKey={(row) => `${row.since} ${row.used} ${sessions.indexOf(row)}`}
              columns={[
                { label: "Since", cell: (row) => <When at={row.since} /> },
                { label: "Last used", cell: (row) => <When at={row.used} /> },
                { label: "Until", cell: (row) => <When at={row.expires} /> },
                { label: "By", cell: (row) => row.methods.join(", ") },
              ]}
            />
          )
        }
      </Answered>
      {asking && (
        <Confirm title="Sign out everywhere?" label="Sign out" doing={out} onClose={() => setAsking(false)}>
          Every browser and every application has to sign in again.
        </Confirm>
      )}
    </Section>
  );
}
