import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useClient } from "../../api/context";
import { explain } from "../../api/problem";
import { useSelf } from "../../auth/context";
import { Input } from "../../ui/field";
import { useToasts } from "../../ui/toast";
import { Making } from "../asking";
import { may } from "../scopes";
import { changed, type Invited, invite } from "./api";

/** Invite makes a user who chooses a password by a link in a mail. */
export function Invite({ onClose }: { onClose: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate();
  const mayView = useSelf().may(may.viewUsers);
  const [who, setWho] = useState<Invited>({ userName: "", email: "", givenName: "", familyName: "" });
  const [missing, setMissing] = useState(false);
  const inviting = useMutation({
    mutationFn: () => invite(client, who),
    onSuccess: ({ id, userName }) => {
      void changed(queries);
      toasts.say(`${userName} is invited.`);
      onClose();
      if (mayView) navigate(`/users/${id}`);
    },
  });
  const field = (name: keyof Invited, label: string, required = false) => ({
    label,
    optional: !required,
    required,
    value: who[name],
    mistake: missing && required && who[name].trim() === "" ? "It has to be given." : undefined,
    onChange: ({ target }: { target: HTMLInputElement }) => setWho({ ...who, [name]: target.value }),
  });
  return (
    <Making
      title="Invite somebody"
      label="Invite"
      running={inviting.isPending}
      mistake={inviting.error ? explain(inviting.error) : undefined}
      onClose={onClose}
      onSubmit={() => {
        const incomplete = !who.userName.trim() || !who.email.trim();
        setMissing(incomplete);
        if (!incomplete) inviting.mutate();
      }}
    >
      <p>They get a mail with a link, by which they choose a password. Until then nobody can sign in as them.</p>
      <div className="columns">
        <Input {...field("userName", "User name", true)} autoComplete="off" />
        <Input {...field("email", "E-mail address", true)} type="email" autoComplete="off" />
        <Input {...field("givenName", "First name")} autoComplete="off" />
        <Input {...field("familyName", "Last name")} autoComplete="off" />
      </div>
    </Making>
  );
}
