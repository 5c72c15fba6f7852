import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { useClient } from "../../api/context";
import { useSelf } from "../../auth/context";
import { Answered, Page, Section } from "../page";
import { may } from "../scopes";
import { groupsOf, infoOf, ruleText, type ServerInfo, type Setting } from "./info";
import "./server.css";

/** The page of what the server is set to. Nothing can be changed here. */
export function Component() {
  const query = useQuery(infoOf(useClient()));
  return (
    <Page
      title="Settings"
      about="What this server is set to. Whoever runs it changes that: by a flag, a variable of the environment or a line of its settings file."
    >
      <Answered query={query}>{(info) => <Info info={info} />}</Answered>
    </Page>
  );
}

function Info({ info }: { info: ServerInfo }) {
  const self = useSelf();
  return (
    <>
      {info.version && (
        <Section title="This server">
          <dl className="facts">
            <div>
              <dt>Version</dt>
              <dd>{info.version}</dd>
            </div>
          </dl>
        </Section>
      )}
      {groupsOf(info.settings).map(([group, settings]) => (
        <Section key={group} title={group}>
          <dl className="server-settings">
            {settings.map((one) => (
              <One key={one.key} setting={one} />
            ))}
          </dl>
        </Section>
      ))}
      <Section title="User names" about="The same on every server.">
        <ul>
          {info.usernameRules.map((rule) => (
            <li key={rule.name}>
              {rule.name === "RegexValidator" ? <code>{rule.conditions.map((one) => one.value).join(" ")}</code> : ruleText(rule)}
            </li>
          ))}
        </ul>
      </Section>
      {self.may(may.viewApplications) && (
        <p>
          How long people stay signed in is decided in this console: <Link to="/sign-in">Sign-in</Link>.
        </p>
      )}
    </>
  );
}

function One({ setting: { flag, variable, key, help, value, hidden, origin } }: { setting: Setting }) {
  return (
    <div>
      <dt>
        <code>{flag}</code>
      </dt>
      <dd>
        <strong>{value || "not set"}</strong>
        {hidden && value !== "(hidden)" && <span className="hint"> Part of it is hidden.</span>}
        <p>{help}</p>
        <p className="hint">
          <code>{variable}</code> · <code>{key}</code>
          {origin &&
            ` · ${origin === "default" ? "the default" : `set by ${origin === "variable" || origin === "flag" ? `a ${origin}` : origin}`}`}
        </p>
      </dd>
    </div>
  );
}
