import { useState } from "react";
import { Button } from "../../ui/button";
import { Field, TextArea } from "../../ui/field";
import { Notice } from "../../ui/shown";

export interface CertificateProps {
  /** PEM; undefined leaves what is there, "" takes it away. */
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  /** The server has one. */
  there: boolean;
  mistake: string | undefined;
  disabled: boolean;
}

/** The size in bytes of a file that can be a certificate. */
const largest = 64 << 10;

/** Certificate is that of the extension's key, by which some of what it is sent is encrypted. The server's is never shown. */
export function Certificate({ value, onChange, there, mistake, disabled }: CertificateProps) {
  const [large, setLarge] = useState(false);
  const read = async (file: File | undefined) => {
    if (!file) return;
    setLarge(file.size > largest);
    if (file.size <= largest) onChange(await file.text());
  };
  if (there && value === "")
    return (
      <Notice tone={mistake ? "bad" : "warn"} action={<Button onClick={() => onChange(undefined)}>Keep it</Button>}>
        {mistake ?? "The certificate is taken away when this is saved. Nothing can be encrypted then."}
      </Notice>
    );
  return (
    <>
      <TextArea
        label="Certificate"
        hint="PEM, of an RSA key."
        optional
        className="certificate"
        spellCheck={false}
        placeholder={there ? "Set. What is entered replaces it." : "-----BEGIN CERTIFICATE-----"}
        disabled={disabled}
        value={value ?? ""}
        mistake={large ? "This file is too large for a certificate." : mistake}
        onChange={({ target }) => {
          setLarge(false);
          onChange(target.value || undefined);
        }}
      />
      {!disabled && (
        <div className="columns">
          <Field label="Or from a file" optional>
            {(belonging) => (
              <input
                {...belonging}
                className="input"
                type="file"
                accept=".pem,.crt,.cer"
                onChange={({ target }) => void read(target.files?.[0])}
              />
            )}
          </Field>
        </div>
      )}
      {there && !disabled && (
        <div>
          <Button onClick={() => onChange("")}>Take it away</Button>
        </div>
      )}
    </>
  );
}
