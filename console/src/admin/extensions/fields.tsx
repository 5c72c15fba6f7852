import { useQuery } from "@tanstack/react-query";
import { useClient } from "../../api/context";
import { Input, TextArea } from "../../ui/field";
import { Lines } from "../fields";
import type { Form } from "../form";
import type { Mistakes } from "../mistakes";
import { Answered, Section } from "../page";
import { Access } from "./access";
import { contextOf } from "./api";
import { Certificate } from "./certificate";
import { Endpoint } from "./endpoint";
import { type Shown, secretsKept } from "./shown";

export interface FieldsProps {
  form: Form<Shown>;
  /** The server has a certificate. */
  there: boolean;
  mistakes: Mistakes;
  disabled: boolean;
}

/** Fields are all that can be said of an extension. */
export function Fields({ form, there, mistakes, disabled }: FieldsProps) {
  const { value, change, seen } = form;
  const context = useQuery(contextOf(useClient()));
  const certified = value.certificate === undefined ? there : value.certificate !== "";
  const encrypts = certified || value.expose.some((one) => one.encrypted);
  const access = { disabled, context: context.data ?? [] };
  return (
    <>
      <Section title="About it">
        <Input
          label="Name"
          hint="Whoever designs flows chooses it by that."
          disabled={disabled}
          value={value.name}
          mistake={mistakes.at("name")}
          onChange={({ target }) => change({ name: target.value })}
        />
        <TextArea
          label="Description"
          optional
          disabled={disabled}
          value={value.description}
          mistake={mistakes.at("description")}
          onChange={({ target }) => change({ description: target.value })}
        />
        <Input
          label="Icon"
          hint="The https address of a picture, for builders that show one."
          optional
          spellCheck={false}
          disabled={disabled}
          value={value.iconUrl}
          mistake={mistakes.at("iconUrl")}
          onChange={({ target }) => change({ iconUrl: target.value })}
        />
      </Section>
      <Section title="Where it is">
        <Endpoint value={value} change={change} kept={secretsKept(seen, value)} mistakes={mistakes} disabled={disabled} />
        <Lines
          label="Headers passed on"
          hint="Of the person's request, each on a line of its own. Those that say who somebody is are never passed on."
          optional
          disabled={disabled}
          value={value.allowedHeaders}
          mistake={mistakes.at("endpoint.allowedHeaders")}
          onChange={(allowedHeaders) => change({ allowedHeaders })}
        />
      </Section>
      <Section title="What it may see" about="It is told this of the person and the flow, as far as it is known by then, and nothing else.">
        <Answered query={context}>
          {() => (
            <Access
              {...access}
              operation="EXPOSE"
              value={value.expose}
              onChange={(expose) => change({ expose })}
              encrypted={encrypts ? "Only whoever has the key of the certificate can read this." : undefined}
              mistake={mistakes.at("accessConfig.expose")}
            />
          )}
        </Answered>
      </Section>
      <Section title="What it may change" about="What it says of anything else does not count.">
        {context.data && (
          <Access
            {...access}
            operation="MODIFY"
            value={value.modify}
            onChange={(modify) => change({ modify })}
            encrypted={undefined}
            mistake={mistakes.at("accessConfig.modify")}
          />
        )}
      </Section>
      <Section title="Encryption" about="With a certificate of the extension, parts of what it is told can be encrypted for it.">
        <Certificate
          value={value.certificate}
          onChange={(certificate) => change({ certificate })}
          there={there}
          mistake={mistakes.at("encryption.certificate")}
          disabled={disabled}
        />
      </Section>
    </>
  );
}
