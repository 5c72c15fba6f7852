import { Fragment, type MouseEvent, type ReactNode } from "react";
import { Button } from "../../ui/button";
import { clean } from "../../ui/safe";
import type { Trial, TrialState } from "../trial";
import { domOf, InputField } from "./field";
import { loose, type Piece } from "./piece";

/** What the pieces of a page share. */
export interface Around {
  trial: Trial;
  state: TrialState;
  /** Whether the person passes the captcha. */
  pass: boolean;
  setPass: (pass: boolean) => void;
  /** Called with where a link on the page leads, which is not gone to. */
  onLeave: (address: string) => void;
}

/** Pieces are the components of a page as the hosted pages draw them (portal/pages/components.html). */
export function Pieces({ list, around }: { list: readonly Piece[]; around: Around }) {
  return list.map((piece) => (
    <Fragment key={piece.id}>
      <PieceView piece={piece} around={around} />
    </Fragment>
  ));
}

function PieceView({ piece, around }: { piece: Piece; around: Around }): ReactNode {
  const { trial, state } = around;
  const inner = piece.children.length > 0 && <Pieces list={piece.children} around={around} />;
  switch (piece.type) {
    case "FORM":
      return piece.form === piece.id ? (
        <Form id={piece.id} around={around}>
          {inner}
        </Form>
      ) : (
        <div className="trial-form">{inner}</div>
      );
    case "INPUT":
      return state.page ? (
        <InputField
          piece={piece}
          page={state.page}
          value={state.typed[piece.identifier] ?? ""}
          onChange={(value) => trial.type(piece.identifier, value)}
        />
      ) : null;
    case "BUTTON":
      return <Press piece={piece} around={around} />;
    case "RESEND":
      return (
        <Button look="quiet" running={state.busy} onClick={() => void trial.press(piece.action)}>
          {piece.text || "Send again"}
        </Button>
      );
    case "TYPOGRAPHY":
      return <Typography piece={piece}>{inner}</Typography>;
    case "RICH_TEXT":
      return <RichText piece={piece} onLeave={around.onLeave} />;
    case "DIVIDER":
      return piece.text ? (
        <div className="trial-divider">
          <span>{piece.text}</span>
        </div>
      ) : (
        <hr className="trial-line" />
      );
    case "IMAGE":
      return piece.src ? <img className="trial-image" src={piece.src} alt={piece.alt} /> : null;
    case "CAPTCHA":
      return <Captcha around={around} />;
    case "POLICY":
    case "PREFERENCE":
      return <Consent piece={piece} around={around} />;
  }
  return inner ? <div className="trial-form">{inner}</div> : <p className="field-hint">{piece.type} is not drawn.</p>;
}

/** Form sends its values with the button that was pressed; Enter presses the first. */
export function Form({ id, around, children }: { id: string; around: Around; children?: ReactNode }) {
  return (
    <form
      id={domOf(id)}
      className="trial-form"
      hidden={!children}
      onSubmit={(event) => {
        event.preventDefault();
        const button = (event.nativeEvent as SubmitEvent).submitter;
        const action = (button instanceof HTMLButtonElement && button.value) || firstOf(around, id)?.action;
        if (action !== undefined) void around.trial.submit(action, id, around.pass);
      }}
    >
      {children}
    </form>
  );
}

const firstOf = ({ state }: Around, form: string) => state.page?.all.find((one) => one.type === "BUTTON" && one.form === form);

/** Loose is the form of what stands in none, where there is such a thing. */
export function Loose({ around }: { around: Around }) {
  const needed = around.state.page?.all.some((one) => one.form === loose && one.type !== "FORM");
  return needed ? <Form id={loose} around={around} /> : null;
}

const looks: Record<string, "primary" | "quiet"> = { PRIMARY: "primary", TEXT: "quiet", LINK: "quiet" };

function Press({ piece, around: { state } }: { piece: Piece; around: Around }) {
  return (
    <Button
      type="submit"
      look={looks[piece.variant] ?? "plain"}
      form={domOf(piece.form)}
      value={piece.action}
      running={state.busy}
      formNoValidate={piece.variant === "SOCIAL" || piece.kind === "button"}
    >
      {piece.src && <img src={piece.src} alt="" width={18} height={18} />}
      {piece.text || "Continue"}
    </Button>
  );
}

function Typography({ piece: { text, variant }, children }: { piece: Piece; children: ReactNode }) {
  const isHeading = /^H\d$/.test(variant);
  return (
    <>
      {text && (isHeading ? <h3 className={`trial-${variant.toLowerCase()}`}>{text}</h3> : <p>{text}</p>)}
      {children}
    </>
  );
}

/** RichText draws what is left of the HTML once it was cleaned. Its links lead nowhere: where they would is said. */
function RichText({ piece, onLeave }: { piece: Piece; onLeave: (address: string) => void }) {
  const stay = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link) return;
    event.preventDefault();
    onLeave(link.getAttribute("href") ?? "");
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: it is the links in it that are pressed, by keys too
    <div
      className="trial-rich"
      onClick={stay}
      onAuxClick={stay}
      // biome-ignore lint/security/noDangerouslySetInnerHtml: clean leaves nothing that runs or loads
      dangerouslySetInnerHTML={{ __html: clean(piece.text) }}
    />
  );
}

/** Captcha stands where a widget would: whoever tries the flow says what comes of it. */
function Captcha({ around: { pass, setPass } }: { around: Around }) {
  return (
    <fieldset className="trial-device">
      <legend>Captcha</legend>
      <div className="trial-row">
        {[true, false].map((one) => (
          <label className="tick" key={String(one)}>
            <input type="radio" name="trial-captcha" checked={pass === one} onChange={() => setPass(one)} />
            {one ? "Passes" : "Fails"}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Consent({ piece, around: { trial, state } }: { piece: Piece; around: Around }) {
  const accepted = (state.typed[piece.identifier] ?? "").split("\n").filter(Boolean);
  const change = (id: string, on: boolean) =>
    trial.type(piece.identifier, [...accepted.filter((one) => one !== id), ...(on ? [id] : [])].join("\n"));
  return (
    <fieldset className="trial-set">
      {piece.text && <legend>{piece.text}</legend>}
      {piece.purposes.map((purpose) => (
        <ConsentTick
          key={purpose.id}
          form={domOf(piece.form)}
          purpose={purpose}
          on={accepted.includes(purpose.id)}
          onChange={(on) => change(purpose.id, on)}
        />
      ))}
    </fieldset>
  );
}

interface ConsentTickProps {
  form: string;
  purpose: Piece["purposes"][number];
  on: boolean;
  onChange: (on: boolean) => void;
}

function ConsentTick({ form, purpose, on, onChange }: ConsentTickProps) {
  return (
    <label className="tick">
      <input type="checkbox" form={form} required={purpose.mandatory} checked={on} onChange={(event) => onChange(event.target.checked)} />
      <span>
        {purpose.name} {!purpose.mandatory && <span className="field-optional">(optional)</span>}
        {purpose.about && <small className="trial-about">{purpose.about}</small>}
      </span>
    </label>
  );
}
