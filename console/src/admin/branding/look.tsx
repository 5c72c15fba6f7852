import { Button } from "../../ui/button";
import { Input, Select, Switch, TextArea } from "../../ui/field";
import { Tabs } from "../../ui/tabs";
import type { Mistakes } from "../mistakes";
import { Section } from "../page";
import type { Preview } from "./api";
import { ColorField } from "./color";
import { at, chosen, type Document, textAt, withAt } from "./document";
import { activeThemes, colorGroups, images, layouts, links, organization, type Scheme, schemes, shape, type TextPlace } from "./fields";

export interface LookProps {
  value: Document;
  /** What an application looks like that has no branding of its own; undefined for the organisation. */
  inherited: Document | undefined;
  preview: Preview | undefined;
  mistakes: Mistakes;
  disabled: boolean;
  scheme: Scheme;
  onScheme: (scheme: Scheme) => void;
  onChange: (value: Document) => void;
}

const schemeNames: Record<Scheme, string> = { LIGHT: "Light", DARK: "Dark" };

/** Look is the form of a preference. */
export function Look(props: LookProps) {
  const { value, mistakes, disabled, scheme, onScheme, onChange } = props;
  const set = (path: string, to: unknown) => onChange(withAt(value, path, to));
  const enabled = at(value, "configs.isBrandingEnabled") !== false;
  const layout = textAt(value, "layout.activeLayout");
  return (
    <div className="branding-form">
      <Section
        title="Organisation"
        buttons={
          <Switch
            label="People see this branding"
            title="People see this branding"
            disabled={disabled}
            on={enabled}
            onChange={(on) => set("configs.isBrandingEnabled", on)}
          />
        }
        about={enabled ? "People see this branding." : "This is a draft: nobody sees it yet."}
      >
        <Texts {...props} places={organization} />
      </Section>
      <Section title="Theme" about="Colours that are not set are chosen so that they can be read.">
        <Select
          label="Which theme people see"
          disabled={disabled}
          value={textAt(value, "theme.activeTheme") === "AUTO" ? "" : textAt(value, "theme.activeTheme")}
          options={activeThemes}
          onChange={({ target }) => set("theme.activeTheme", target.value || undefined)}
        />
        <Tabs
          label="Themes"
          chosen={scheme}
          onChoose={(key) => onScheme(key as Scheme)}
          tabs={schemes.map((key) => ({ key, label: schemeNames[key], content: <Theme key={key} {...props} theme={key} /> }))}
        />
      </Section>
      <Section title="Layout">
        <Select
          label="Where the box is"
          disabled={disabled}
          value={["centered", "custom"].includes(layout) ? "" : layout}
          options={layouts}
          onChange={({ target }) => set("layout.activeLayout", target.value || undefined)}
        />
        {layout.endsWith("-image") && (
          <Texts
            {...props}
            places={[{ label: "Image beside the box", path: "layout.sideImg.imgURL", type: "url", hint: "Seen on wide screens." }]}
          />
        )}
      </Section>
      <Section title="Links" about="They are at the foot of every page.">
        <Texts {...props} places={links} />
      </Section>
      <Section title="Custom CSS">
        <TextArea
          label="Style sheet"
          optional
          className="input branding-css"
          disabled={disabled}
          spellCheck={false}
          rows={8}
          hint="It comes last. It can load nothing but the images named above."
          mistake={mistakes.at("preference.customCSS")}
          value={textAt(value, "customCSS")}
          onChange={({ target }) => set("customCSS", target.value || undefined)}
        />
      </Section>
    </div>
  );
}

/** Theme is the part of the form that light and dark have each. */
function Theme(props: LookProps & { theme: Scheme }) {
  const { value, inherited, theme, preview, mistakes, disabled, onChange } = props;
  const name = schemeNames[theme].toLowerCase();
  const there = at(value, `theme.${theme}`) !== undefined;
  const other = theme === "LIGHT" ? "DARK" : "LIGHT";
  const others = at(value, `theme.${other}`) !== undefined;
  return (
    <div className="theme">
      {!there && others && (
        <p className="theme-note">
          There is no {name} theme: everybody sees the {schemeNames[other].toLowerCase()} one.
        </p>
      )}
      {!there && others && !disabled && (
        <div className="page-buttons">
          <Button onClick={() => onChange(withAt(value, `theme.${theme}`, {}))}>Add a {name} theme</Button>
        </div>
      )}
      {colorGroups.map(({ title, colors }) => (
        <fieldset key={title} className="colors">
          <legend>{title}</legend>
          {colors.map(({ role, label, paths }) => {
            const whole = paths.map((path) => `theme.${theme}.${path}`);
            const path = chosen(value, whole);
            const theirs = inherited && textAt(inherited, chosen(inherited, whole));
            return (
              <ColorField
                key={role}
                label={label}
                role={role}
                disabled={disabled}
                value={textAt(value, path)}
                colors={preview?.themes[theme]}
                hint={theirs && theirs !== textAt(value, path) ? `Organisation: ${theirs}.` : undefined}
                mistake={firstOf(mistakes, whole)}
                onChange={(to) => onChange(withAt(value, path, to || undefined))}
              />
            );
          })}
        </fieldset>
      ))}
      <fieldset className="colors">
        <legend>Corners and fonts</legend>
        <Texts {...props} places={below(shape, theme)} />
      </fieldset>
      <fieldset className="colors">
        <legend>Images</legend>
        <Texts {...props} places={below(images, theme)} />
      </fieldset>
      {there && others && !disabled && (
        <div className="page-buttons">
          <Button onClick={() => onChange(withAt(value, `theme.${theme}`, undefined))}>Remove the {name} theme</Button>
        </div>
      )}
    </div>
  );
}

const firstOf = (mistakes: Mistakes, paths: string[]) => paths.map((path) => mistakes.at(`preference.${path}`)).find(Boolean);

const below = (places: TextPlace[], theme: Scheme): TextPlace[] =>
  places.map((place) => ({ ...place, path: `theme.${theme}.${place.path}` }));

/** Texts are fields for lines of text. */
function Texts({ places, value, inherited, mistakes, disabled, onChange }: LookProps & { places: TextPlace[] }) {
  return (
    <div className="columns">
      {places.map(({ label, path, hint, type }) => {
        const theirs = inherited && textAt(inherited, path);
        return (
          <Input
            key={path}
            label={label}
            type={type === "email" ? "email" : "text"}
            inputMode={type ?? "text"}
            autoComplete="off"
            spellCheck={false}
            disabled={disabled}
            hint={[hint, theirs && theirs !== textAt(value, path) && `Organisation: ${theirs}`].filter(Boolean).join(" ")}
            mistake={mistakes.at(`preference.${path}`)}
            value={textAt(value, path)}
            onChange={({ target }) => onChange(withAt(value, path, target.value || undefined))}
          />
        );
      })}
    </div>
  );
}
