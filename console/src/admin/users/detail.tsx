import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Mail, ScrollText, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import type { Answer } from "../../api/client";
import { useClient } from "../../api/context";
import { explain } from "../../api/problem";
import { useSelf } from "../../auth/context";
import { Button } from "../../ui/button";
import { Badge, When } from "../../ui/shown";
import { useToasts } from "../../ui/toast";
import { Confirm, Told } from "../asking";
import { Answered, Page, Section } from "../page";
import { may } from "../scopes";
import { changed, forget, inviteByLink, know, type Letter, put, remove, type Switched, system, type User, userOf, write } from "./api";
import { emailOf, nameOf, proofsOf, reasonOf, stateOf } from "./describe";
import { Attributes, Roles } from "./edit";
import { Proofs, Sessions } from "./proofs";

const back = { to: "/users", label: "Users" };

/** The page of a user. */
export function Component() {
  const { id = "" } = useParams();
  const query = useQuery(userOf(useClient(), id));
  if (query.data) return <Detail key={id} answer={query.data} />;
  return (
    <Page title="User" back={back}>
      <Answered query={query} gone="There is no such user">
        {() => null}
      </Answered>
    </Page>
  );
}

function Detail({ answer }: { answer: Answer<User> }) {
  const { data: user, etag } = answer;
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const self = useSelf();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const name = user.userName ?? user.id;
  const removing = useMutation({
    mutationFn: () => remove(client, user.id, etag),
    onSuccess: () => {
      toasts.say(`${name} is gone.`);
      void changed(queries);
      navigate("/users");
      forget(queries, user.id);
    },
  });
  return (
    <Page
      title={name}
      back={back}
      about={nameOf(user)}
      buttons={
        <>
          {self.may(may.viewAuditLog) && (
            <Link className="button" to={`/audit-log?target=${user.id}`}>
              <ScrollText size={16} aria-hidden />
              History
            </Link>
          )}
          {self.may(may.deleteUsers) && self.person.id !== user.id && (
            <Button look="danger" onClick={() => setDeleting(true)}>
              <Trash2 size={16} aria-hidden />
              Delete…
            </Button>
          )}
        </>
      }
    >
      <Account user={user} etag={etag} />
      <Attributes answer={answer} />
      <Roles answer={answer} />
      <Proofs user={user.id} />
      <Sessions user={user.id} />
      {deleting && (
        <Confirm title={`Delete ${name}?`} label="Delete" typed={name} doing={removing} onClose={() => setDeleting(false)}>
          The account is gone with all that is known of the person, and they are signed out everywhere. This cannot be undone.
        </Confirm>
      )}
    </Page>
  );
}

/** Account is how the account is, why, and what can be done about it. */
function Account({ user, etag }: { user: User; etag: string | undefined }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const self = useSelf();
  const [link, setLink] = useState<string>();
  const said = user[system];
  const state = stateOf(user);
  const reason = reasonOf(user);
  const invited = said?.accountState === "PENDING_AP";
  const own = self.person.id === user.id;
  const switching = useMutation({
    mutationFn: ({ name, on }: { name: Switched; on: boolean; done: string }) => put(client, user.id, name, on, etag),
    onSuccess: (answer, { done }) => {
      know(queries, answer);
      void changed(queries);
      toasts.say(done);
    },
    onError: (error) => toasts.complain(explain(error)),
  });
  const linking = useMutation({
    mutationFn: async () => setLink(await inviteByLink(client, user.userName ?? "")), // kept in no cache
    onError: (error) => toasts.complain(explain(error)),
  });
  const writing = useMutation({
    mutationFn: (letter: Letter) => write(client, user.id, letter),
    onSuccess: () => toasts.say(`A mail to ${emailOf(user)} is on its way.`),
    onError: (error) => toasts.complain(explain(error)),
  });
  const letter: Letter = invited ? "invitation" : "recovery";
  const reachable = emailOf(user) !== "" && (invited || said?.accountLocked !== true) && said?.accountDisabled !== true;
  const who = user.userName ?? "The account";
  const locked = said?.accountLocked === true;
  const disabled = said?.accountDisabled === true;
  return (
    <Section
      title="Account"
      buttons={
        <>
          {self.may(may.updateUsers) && reachable && (
            <Button running={writing.isPending} onClick={() => writing.mutate(letter)}>
              <Mail size={16} aria-hidden />
              {invited ? "Send the invitation again" : "Send a recovery mail"}
            </Button>
          )}
          {self.may(may.invite) && invited && (
            <Button running={linking.isPending} onClick={() => linking.mutate()}>
              Make an invitation link
            </Button>
          )}
          {self.may(may.updateUsers) && !own && (
            <>
              <Button
                running={switching.isPending}
                onClick={() =>
                  switching.mutate({ name: "accountLocked", on: !locked, done: `${who} is ${locked ? "unlocked" : "locked"}.` })
                }
              >
                {locked ? "Unlock" : "Lock"}
              </Button>
              <Button
                running={switching.isPending}
                onClick={() =>
                  switching.mutate({ name: "accountDisabled", on: !disabled, done: `${who} is ${disabled ? "enabled" : "disabled"}.` })
                }
              >
                {disabled ? "Enable" : "Disable"}
              </Button>
            </>
          )}
        </>
      }
    >
      <dl className="facts">
        <div>
          <dt>State</dt>
          <dd>
            <Badge tone={state.tone}>{state.label}</Badge> {disabled ? "An administrator has disabled it." : reason}
          </dd>
        </div>
        <div>
          <dt>Proved</dt>
          <dd className="badges">
            {proofsOf(user).map(({ label, proved }) => (
              <Badge key={label} tone={proved ? "good" : "plain"}>
                {label}: {proved ? "proved" : "not proved"}
              </Badge>
            ))}
            {proofsOf(user).length === 0 && "There is no address to prove."}
          </dd>
        </div>
        {user.meta?.created && (
          <div>
            <dt>Made</dt>
            <dd>
              <When at={user.meta.created} />
            </dd>
          </div>
        )}
        {user.meta?.lastModified && (
          <div>
            <dt>Last change</dt>
            <dd>
              <When at={user.meta.lastModified} />
            </dd>
          </div>
        )}
        <div>
          <dt>ID</dt>
          <dd>
            <code>{user.id}</code>
          </dd>
        </div>
      </dl>
      {link && (
        <Told title="The invitation link" label="Link" value={link} onClose={() => setLink(undefined)}>
          By it {who} chooses a password. It takes the place of earlier invitations, and is shown this once.
        </Told>
      )}
    </Section>
  );
}
