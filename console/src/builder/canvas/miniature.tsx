import { ImageIcon, ShieldCheck } from "lucide-react";
import { said, type Texts } from "../../api/texts";
import { type Component, configFlag, configText, kindOf } from "../model/flow";
import { isMembers, type Json } from "../model/json";
import { kindWords, plain } from "../model/words";
import { useDeclared } from "../state/context";

/** Miniature shows a component about as the hosted pages draw it (portal/pages/components.html). Nothing in it can be used. */
export function Miniature({ component: written }: { component: Component }) {
  const { meta } = useDeclared();
  const component = worded(written, meta.texts);
  const text = configText(component, "text");
  const variant = (component.variant ?? "").toUpperCase();
  switch (kindOf(component)) {
    case "INPUT":
      return <Field component={component} variant={variant} />;
    case "BUTTON":
      return <span className={`mini-button mini-${variant.toLowerCase() || "secondary"}`}>{text || "Continue"}</span>;
    case "RESEND":
      return <span className="mini-button mini-text">{text || "Send again"}</span>;
    case "TYPOGRAPHY":
      return <span className={`mini-says mini-${variant.toLowerCase() || "body1"}`}>{text || "…"}</span>;
    case "RICH_TEXT":
      return <span className="mini-says mini-rich">{plain(text) || "…"}</span>;
    case "DIVIDER":
      return <span className="mini-divider">{text}</span>;
    case "IMAGE":
      return <Picture source={configText(component, "src")} />;
    case "CAPTCHA":
      return (
        <span className="mini-captcha">
          <ShieldCheck size={18} aria-hidden /> I am human
        </span>
      );
    case "POLICY":
    case "PREFERENCE":
      return <Tick label={plain(configText(component, "description")) || "Consent"} required={false} />;
  }
  return <span className="mini-unknown">{kindWords(component.type ?? "", variant)}</span>;
}

/** worded is the component with words in the place of their keys. */
function worded(component: Component, texts: Texts): Component {
  const words = (value: Json): Json => {
    if (typeof value === "string") return said(value, texts);
    if (Array.isArray(value)) return value.map(words);
    return isMembers(value) ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, words(one as Json)])) : value;
  };
  return component.config ? { ...component, config: words(component.config) as typeof component.config } : component;
}

function Field({ component, variant }: { component: Component; variant: string }) {
  const label = configText(component, "label") || configText(component, "identifier").split("/").at(-1) || kindWords("INPUT", variant);
  const required = configFlag(component, "required");
  if (variant === "CHECKBOX") return <Tick label={label} required={required} />;
  return (
    <span className="mini-field">
      <span className="mini-label">
        {label} {!required && variant !== "OTP" && <span className="mini-optional">(optional)</span>}
      </span>
      <Box component={component} variant={variant} />
    </span>
  );
}

function Box({ component, variant }: { component: Component; variant: string }) {
  const placeholder = configText(component, "placeholder");
  switch (variant) {
    case "OTP":
      return <span className="mini-code">{"123456".slice(0, Number(configText(component, "length")) || 6)}</span>;
    case "RADIO":
      return [...new Set(options(component))].map((one) => (
        <span key={one} className="mini-tick">
          <span className="mini-round" /> {one}
        </span>
      ));
    case "DROPDOWN":
    case "COUNTRY":
      return <span className="mini-input mini-list">{placeholder || options(component)[0] || "Choose"}</span>;
    case "PASSWORD":
      return <span className="mini-input">{placeholder || "••••••••"}</span>;
    case "DATE":
      return <span className="mini-input">{placeholder || "dd-mm-yyyy"}</span>;
  }
  return <span className="mini-input">{placeholder}</span>;
}

function options(component: Component): string[] {
  const list = component.config?.options;
  const name = (one: Json) => (isMembers(one) ? [one.label, one.value, one.key].find((text) => typeof text === "string") : undefined);
  return Array.isArray(list) ? list.slice(0, 6).flatMap((one) => (name(one) as string | undefined) ?? []) : [];
}

function Tick({ label, required }: { label: string; required: boolean }) {
  return (
    <span className="mini-tick">
      <span className="mini-box" /> {label} {!required && <span className="mini-optional">(optional)</span>}
    </span>
  );
}

/** Picture shows an image from where the pages may show one from: another server by https. */
function Picture({ source }: { source: string }) {
  if (source.startsWith("https://"))
    return <img className="mini-picture" src={source} alt="" loading="lazy" referrerPolicy="no-referrer" draggable={false} />;
  return (
    <span className="mini-unknown">
      <ImageIcon size={18} aria-hidden /> {source || "Image"}
    </span>
  );
}
