import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { useClient } from "../../api/context";
import { useSelf } from "../../auth/context";
import { Select } from "../../ui/field";
import { Notice } from "../../ui/shown";
import { Tabs } from "../../ui/tabs";
import { listOf } from "../applications/api";
import { Mistakes } from "../mistakes";
import { Answered, Page } from "../page";
import { may } from "../scopes";
import { inheritedOf, type Meta, metaOf, type Owner, preferenceOf, reset, resetTexts, type Saved, save, saveTexts, textsOf } from "./api";
import "./branding.css";
import type { Document } from "./document";
import { Resetting, SaveBar, useEditing } from "./editor";
import { places } from "./fields";
import { Look } from "./look";
import { type Looking, PreviewPane, usePreview } from "./preview";
import { common, screensOf, Words } from "./words";

/** The page of how the hosted pages look, and what they say. */
export function Component() {
  const [search, show] = useShown();
  const [looking, setLooking] = useState<Looking>({ page: "login", scheme: "LIGHT", device: "desktop" });
  const owner = search.get("application") ?? "";
  const shared: Shared = { owner, looking, onLook: setLooking };
  return (
    <Page
      title="Branding"
      about="How the hosted pages look, and what they say."
      buttons={<OwnerSelect owner={owner} onChange={(id) => show("application", id)} />}
    >
      <Tabs
        label="Branding"
        chosen={search.get("show") ?? "looks"}
        onChoose={(key) => show("show", key)}
        tabs={[
          { key: "looks", label: "Looks", content: <Looks key={owner} {...shared} /> },
          { key: "texts", label: "Texts", content: <Texts {...shared} /> },
        ]}
      />
    </Page>
  );
}

/** useShown is what the address says of what is edited: leaving that leaves what is not saved, of which people are asked. */
function useShown(): [URLSearchParams, (name: string, value: string) => void] {
  const [search, setSearch] = useSearchParams();
  const show = (name: string, value: string) => {
    const next = new URLSearchParams(search);
    next.set(name, value);
    if (!value) next.delete(name);
    setSearch(next);
  };
  return [search, show];
}

interface Shared {
  owner: Owner;
  looking: Looking;
  onLook: (looking: Looking) => void;
}

const english = "en-US";

/** OwnerSelect is whose branding is shown: the organisation's, or an application's. */
function OwnerSelect({ owner, onChange }: { owner: Owner; onChange: (id: string) => void }) {
  const mayList = useSelf().may(may.viewApplications);
  const list = useInfiniteQuery({ ...listOf(useClient(), ""), enabled: mayList });
  if (list.hasNextPage && !list.isFetching) void list.fetchNextPage();
  const known = list.data?.pages.flatMap((page) => page.applications) ?? [];
  const options = [{ value: "", label: "The organisation" }, ...known.map(({ id, name }) => ({ value: id, label: name }))];
  if (!options.some(({ value }) => value === owner)) options.push({ value: owner, label: owner });
  return <Select label="Branding of" value={owner} options={options} onChange={({ target }) => onChange(target.value)} />;
}

/** languagesOf are the locales of texts: those for English are for en-US, as the API has it. */
const languagesOf = ({ languages }: Meta) => languages.map(({ tag, name }) => ({ value: tag === "en" ? "en-US" : tag, label: name }));

function Looks(props: Shared) {
  const client = useClient();
  const { owner } = props;
  const own = useQuery(preferenceOf(client, owner));
  const organization = useQuery({ ...preferenceOf(client, ""), enabled: owner !== "" });
  const meta = useQuery(metaOf(client, english));
  return (
    <Answered query={meta}>
      {(known) => (
        <Answered query={own}>
          {(saved) =>
            owner === "" ? (
              <EditLooks {...props} meta={known} saved={saved} inherited={undefined} />
            ) : (
              <Answered query={organization}>
                {({ document }) => <EditLooks {...props} meta={known} saved={saved} inherited={document} />}
              </Answered>
            )
          }
        </Answered>
      )}
    </Answered>
  );
}

function EditLooks({
  owner,
  saved,
  inherited,
  meta,
  looking,
  onLook,
}: Shared & { meta: Meta; saved: Saved; inherited: Document | undefined }) {
  const client = useClient();
  const [locale, setLocale] = useState(english);
  const disabled = !useSelf().may(may.updateBranding);
  const editing = useEditing({
    // An application without branding of its own begins with what it takes over.
    saved: saved.tag === undefined && inherited ? { ...saved, document: inherited } : saved,
    save: (document, tag) => save(client, owner, document, tag),
    reset: (tag) => reset(client, owner, tag),
    queryKey: preferenceOf(client, owner).queryKey,
    nothing: {},
    otherwise: inherited ?? {},
  });
  const { form, saving } = editing;
  const shown = usePreview({ owner, page: looking.page, scheme: looking.scheme, locale, preference: form.value.document });
  const wrong = new Mistakes(shown.error, places);
  return (
    <div className="branding">
      <div className="branding-edit">
        {inherited && (
          <Notice>
            {form.tag === undefined
              ? "This application looks as the organisation does, which is what is shown here. Once you save a change, it has branding of its own."
              : "This application has branding of its own, which stands in the place of the organisation's as a whole."}
          </Notice>
        )}
        <Look
          value={form.value.document}
          inherited={form.tag === undefined ? undefined : inherited}
          preview={shown.preview}
          mistakes={wrong}
          disabled={disabled}
          scheme={looking.scheme}
          onScheme={(scheme) => onLook({ ...looking, scheme })}
          onChange={editing.change}
        />
        {!disabled && (
          <Resetting editing={editing}>
            {inherited
              ? "The application looks as the organisation does from then on."
              : "The pages look as they do without branding from then on."}
          </Resetting>
        )}
        <SaveBar editing={editing} mistake={new Mistakes(saving.error, places).rest} />
      </div>
      <PreviewPane
        {...shown}
        pages={meta.pages}
        looking={looking}
        onLook={onLook}
        language={{ value: locale, options: languagesOf(meta), onChange: setLocale }}
      />
    </div>
  );
}

function Texts(props: Shared) {
  const { owner } = props;
  const client = useClient();
  const [search, show] = useShown();
  const locale = search.get("language") ?? english;
  const screen = search.get("screen") ?? common;
  const meta = useQuery(metaOf(client, locale));
  const saved = useQuery(textsOf(client, { owner, locale, screen }));
  const inherited = useQuery({ ...inheritedOf(client, locale), enabled: owner !== "" });
  return (
    <Answered query={meta}>
      {(known) => (
        <Answered query={saved}>
          {(texts) => (
            <EditTexts
              {...props}
              key={JSON.stringify([owner, locale, screen])}
              locale={locale}
              onLocale={(to) => show("language", to)}
              meta={known}
              screen={screen}
              onScreen={(to) => show("screen", to)}
              saved={texts}
              inherited={inherited.data ?? {}}
            />
          )}
        </Answered>
      )}
    </Answered>
  );
}

interface EditTextsProps extends Shared {
  locale: string;
  onLocale: (locale: string) => void;
  meta: Meta;
  screen: string;
  onScreen: (screen: string) => void;
  saved: Saved;
  inherited: Record<string, string>;
}

const noTexts: Document = { text: {} };

function EditTexts({ owner, locale, onLocale, screen, onScreen, saved, inherited, meta, looking, onLook }: EditTextsProps) {
  const client = useClient();
  const disabled = !useSelf().may(may.updateBranding);
  const place = { owner, locale, screen };
  const editing = useEditing({
    saved,
    save: async (document, tag) => {
      const empty = Object.keys(document.text as object).length === 0 && Object.keys(document).length === 1;
      if (!empty) return saveTexts(client, place, document, tag);
      if (tag !== undefined) await resetTexts(client, place, tag);
      return undefined;
    },
    reset: (tag) => resetTexts(client, place, tag),
    queryKey: textsOf(client, place).queryKey,
    nothing: noTexts,
    otherwise: noTexts,
  });
  const { form, saving } = editing;
  const shown = usePreview({ owner, page: looking.page, scheme: looking.scheme, locale, screen, text: form.value.document });
  const paths = Object.keys(meta.text).map((key) => `preference.text.${key}`);
  return (
    <div className="branding">
      <div className="branding-edit">
        <div className="card">
          <Select
            label="Texts for"
            value={screen}
            options={[
              { value: common, label: "All screens" },
              ...screensOf(Object.keys(meta.text)).map((value) => ({ value, label: value })),
            ]}
            hint="Those for one screen win over those for all of them."
            onChange={({ target }) => onScreen(target.value)}
          />
        </div>
        <Words
          screen={screen}
          own={meta.text}
          inherited={inherited}
          value={form.value.document}
          mistakes={new Mistakes(shown.error, paths)}
          disabled={disabled}
          onChange={editing.change}
        />
        {!disabled && <Resetting editing={editing}>These texts say what they say by themselves from then on.</Resetting>}
        <SaveBar editing={editing} mistake={new Mistakes(saving.error, paths).rest} />
      </div>
      <PreviewPane
        {...shown}
        pages={meta.pages}
        looking={looking}
        onLook={onLook}
        language={{ value: locale, options: languagesOf(meta), onChange: onLocale }}
      />
    </div>
  );
}
