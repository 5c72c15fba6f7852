import { useQuery } from "@tanstack/react-query";
import { useClient } from "../../api/context";
import { Checkbox, Input, Select, TextArea } from "../../ui/field";
import { Lines, NumberInput, Several } from "../fields";
import type { Mistakes } from "../mistakes";
import { Section } from "../page";
import { type Application, type Grant, metaOf, type OAuthClient } from "./api";
import { kinds } from "./create";
import { paths } from "./paths";
import { Steps } from "./steps";

export interface SettingsProps {
  value: Application;
  onChange: (part: Partial<Application>) => void;
  mistakes: Mistakes;
  disabled: boolean;
}

/** Settings are all that can be decided about an application. */
export function Settings(props: SettingsProps) {
  return (
    <>
      <Basics {...props} />
      <Login {...props} />
      <Client {...props} />
      <Tokens {...props} />
      <Advanced {...props} />
    </>
  );
}

function Basics({ value, onChange, mistakes, disabled }: SettingsProps) {
  return (
    <Section title="About it">
      <div className="columns">
        <Input
          label="Name"
          disabled={disabled}
          value={value.name}
          mistake={mistakes.at(paths.name)}
          onChange={({ target }) => onChange({ name: target.value })}
        />
        <Input
          label="Access URL"
          optional
          type="url"
          disabled={disabled}
          hint="Where people go to use it: the end of a flow that began there."
          value={value.accessUrl}
          mistake={mistakes.at(paths.accessUrl)}
          onChange={({ target }) => onChange({ accessUrl: target.value })}
        />
      </div>
      <TextArea
        label="Description"
        optional
        disabled={disabled}
        value={value.description}
        mistake={mistakes.at(paths.description)}
        onChange={({ target }) => onChange({ description: target.value })}
      />
    </Section>
  );
}

function Login({ value, onChange, mistakes, disabled }: SettingsProps) {
  return (
    <Section title="What it takes to sign in" about="All steps have to be passed, in their order; each by one of its ways.">
      <Steps
        value={value.authenticationSequence.steps}
        disabled={disabled}
        mistakes={mistakes}
        onChange={(steps) => onChange({ authenticationSequence: { type: "USER_DEFINED", steps } })}
      />
    </Section>
  );
}

const grants: { value: Grant; label: string; hint: string }[] = [
  { value: "authorization_code", label: "Authorization code", hint: "People sign in." },
  { value: "refresh_token", label: "Refresh token", hint: "They stay signed in." },
  { value: "client_credentials", label: "Client credentials", hint: "The application acts for itself; confidential ones only." },
];

/** clientOf is the OAuth client of the form, and what changes it. */
function clientOf({ value, onChange }: SettingsProps): { oidc: OAuthClient; change: (part: Partial<OAuthClient>) => void } {
  const { oidc } = value.inboundProtocolConfiguration;
  return { oidc, change: (part) => onChange({ inboundProtocolConfiguration: { oidc: { ...oidc, ...part } } }) };
}

function Client(props: SettingsProps) {
  const { mistakes, disabled } = props;
  const { oidc, change } = clientOf(props);
  const kind = oidc.publicClient ? "public" : "confidential";
  return (
    <Section title="OAuth client">
      <div className="columns">
        <Select
          label="Kind of client"
          disabled={disabled}
          value={kind}
          hint={kinds.find((one) => one.value === kind)?.hint}
          mistake={mistakes.at(paths.publicClient)}
          options={kinds}
          onChange={({ target }) => {
            const open = target.value === "public";
            change({ publicClient: open, pkce: { ...oidc.pkce, mandatory: open || oidc.pkce.mandatory } });
          }}
        />
        <div className="field">
          <Checkbox
            label="PKCE is required"
            hint={mistakes.at(paths.pkce) ?? "Always of public clients."}
            disabled={disabled || oidc.publicClient}
            checked={oidc.pkce.mandatory}
            onChange={({ target }) => change({ pkce: { ...oidc.pkce, mandatory: target.checked } })}
          />
        </div>
      </div>
      <Several
        label="Grants"
        disabled={disabled}
        options={grants}
        value={oidc.grantTypes}
        mistake={mistakes.at(paths.grantTypes)}
        onChange={(grantTypes) => change({ grantTypes })}
      />
      <div className="columns">
        <Lines
          label="Redirect URIs"
          disabled={disabled}
          hint="One on each line, exactly as the application sends it."
          value={oidc.callbackURLs}
          mistake={mistakes.at(paths.callbackURLs)}
          onChange={(callbackURLs) => change({ callbackURLs })}
        />
        <Lines
          label="Redirect URIs after sign-out"
          optional
          disabled={disabled}
          hint="One on each line."
          value={oidc.logoutRedirectURLs}
          mistake={mistakes.at(paths.logoutRedirectURLs)}
          onChange={(logoutRedirectURLs) => change({ logoutRedirectURLs })}
        />
        <Lines
          label="Origins"
          optional
          disabled={disabled}
          hint="Of pages that call this server by script, one on each line: https://shop.example.com"
          value={oidc.allowedOrigins}
          mistake={mistakes.at(paths.allowedOrigins)}
          onChange={(allowedOrigins) => change({ allowedOrigins })}
        />
      </div>
    </Section>
  );
}

const formats = [
  { value: "Default", label: "Opaque" },
  { value: "JWT", label: "JWT" },
] satisfies { value: OAuthClient["accessToken"]["type"]; label: string }[];
const algorithms = (["RS256", "ES256"] satisfies OAuthClient["idToken"]["idTokenSignedResponseAlg"][]).map((value) => ({
  value,
  label: value,
}));

function Tokens(props: SettingsProps) {
  const { mistakes, disabled } = props;
  const { oidc, change } = clientOf(props);
  const { accessToken, refreshToken, idToken } = oidc;
  return (
    <Section title="Tokens" about="How long they last is in seconds.">
      <div className="columns">
        <Select
          label="Form of access tokens"
          disabled={disabled}
          value={accessToken.type}
          options={formats}
          onChange={({ target }) => change({ accessToken: { ...accessToken, type: target.value === "JWT" ? "JWT" : "Default" } })}
        />
        <NumberInput
          label="Access tokens last"
          disabled={disabled}
          min={60}
          max={86_400}
          value={accessToken.userAccessTokenExpiryInSeconds}
          mistake={mistakes.at(paths.accessTokenLife)}
          onChange={(life) =>
            change({
              accessToken: { ...accessToken, userAccessTokenExpiryInSeconds: life, applicationAccessTokenExpiryInSeconds: life },
            })
          }
        />
        <NumberInput
          label="Refresh tokens last"
          disabled={disabled}
          min={60}
          max={31_536_000}
          value={refreshToken.expiryInSeconds}
          mistake={mistakes.at(paths.refreshTokenLife)}
          onChange={(life) => change({ refreshToken: { ...refreshToken, expiryInSeconds: life } })}
        />
        <NumberInput
          label="ID tokens last"
          disabled={disabled}
          min={60}
          max={86_400}
          value={idToken.expiryInSeconds}
          mistake={mistakes.at(paths.idTokenLife)}
          onChange={(life) => change({ idToken: { ...idToken, expiryInSeconds: life } })}
        />
        <Select
          label="Signature of ID tokens"
          disabled={disabled}
          value={idToken.idTokenSignedResponseAlg}
          options={algorithms}
          onChange={({ target }) =>
            change({ idToken: { ...idToken, idTokenSignedResponseAlg: target.value === "ES256" ? "ES256" : "RS256" } })
          }
        />
      </div>
    </Section>
  );
}

function Advanced({ value, onChange, mistakes, disabled }: SettingsProps) {
  const meta = useQuery(metaOf(useClient())).data;
  const { advancedConfigurations } = value;
  const change = (part: Partial<Application["advancedConfigurations"]>) =>
    onChange({ advancedConfigurations: { ...advancedConfigurations, ...part } });
  return (
    <Section title="Advanced">
      <Checkbox
        label="It may run sign-ins over JSON"
        hint="For applications that draw the pages themselves."
        disabled={disabled}
        checked={advancedConfigurations.enableAPIBasedAuthentication}
        onChange={({ target }) => change({ enableAPIBasedAuthentication: target.checked })}
      />
      <Checkbox
        label="Tokens name the token endpoint as their issuer"
        hint="As SDKs of the established implementation expect by default."
        disabled={disabled}
        checked={advancedConfigurations.tokenEndpointIsIssuer}
        onChange={({ target }) => change({ tokenEndpointIsIssuer: target.checked })}
      />
      <Input
        label="Login page"
        optional
        type="url"
        hint="A page of the application that takes people who have to sign in, in place of the hosted one."
        disabled={disabled}
        value={advancedConfigurations.loginPageUrl}
        mistake={mistakes.at(paths.loginPageUrl)}
        onChange={({ target }) => change({ loginPageUrl: target.value })}
      />
      <Several
        label="Scopes of the management APIs"
        hint="What it may be granted, of what the roles of the person allow."
        disabled={disabled}
        options={(meta?.scopes ?? []).map((scope) => ({ value: scope, label: scope }))}
        value={value.authorizedScopes}
        mistake={mistakes.at(paths.authorizedScopes)}
        onChange={(authorizedScopes) => onChange({ authorizedScopes })}
      />
    </Section>
  );
}
