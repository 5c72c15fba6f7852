import { Moon, Smartphone } from "lucide-react";
import { useState } from "react";
import { explain } from "../../api/problem";
import { Button } from "../../ui/button";
import { Loading, Notice, Skeleton } from "../../ui/shown";
import { Tabs } from "../../ui/tabs";
import { Section } from "../page";
import type { Preview, Segments } from "./api";
import { Letter } from "./letter";

export interface ShownProps {
  preview: Preview | undefined;
  error: Error | null;
  channel: "email" | "sms";
}

/** Shown is the message that the words make, with samples in the place of its placeholders. */
export function Shown({ preview, error, channel }: ShownProps) {
  return (
    <Section title="Preview" about="With samples in the place of what differs.">
      {error && <Notice tone="bad">{explain(error)}</Notice>}
      {!preview && !error && (
        <Loading>
          <Skeleton height="16rem" />
        </Loading>
      )}
      {preview && (channel === "sms" ? <TextMessage preview={preview} /> : <Mail preview={preview} />)}
    </Section>
  );
}

function Mail({ preview }: { preview: Preview }) {
  const [tab, setTab] = useState("mail");
  const [dark, setDark] = useState(false);
  const [narrow, setNarrow] = useState(false);
  return (
    <>
      <p className="letter-subject">
        <span>Subject</span> {preview.subject}
      </p>
      <Tabs
        label="How it is read"
        chosen={tab}
        onChoose={setTab}
        tabs={[
          {
            key: "mail",
            label: "Mail",
            content: (
              <div className="letter-box">
                <div className="letter-looks">
                  <Button aria-pressed={narrow} onClick={() => setNarrow(!narrow)}>
                    <Smartphone size={16} aria-hidden />
                    Phone
                  </Button>
                  <Button aria-pressed={dark} onClick={() => setDark(!dark)}>
                    <Moon size={16} aria-hidden />
                    Dark
                  </Button>
                </div>
                <Letter html={preview.html ?? ""} dark={dark} narrow={narrow} />
              </div>
            ),
          },
          { key: "text", label: "Plain text", content: <pre className="letter-text">{preview.text}</pre> },
        ]}
      />
    </>
  );
}

function TextMessage({ preview }: { preview: Preview }) {
  return (
    <div className="phone">
      <p className="phone-bubble">{preview.text}</p>
      {preview.segments && <p className="phone-cost">{costOf(preview.segments)}</p>}
    </div>
  );
}

/** costOf says what a text message costs. */
export function costOf({ encoding, units, count, free }: Segments): string {
  const parts = count === 1 ? "1 segment" : `${count} segments, each of which is billed`;
  const why =
    encoding === "GSM-7" ? "" : " It has characters that make each segment shorter: without them 160 characters fit one, with them 70.";
  return `${parts}. ${units} characters, ${free} more fit (${encoding}).${why}`;
}
