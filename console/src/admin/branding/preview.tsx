import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useClient } from "../../api/context";
import { explain, Refused } from "../../api/problem";
import { Button } from "../../ui/button";
import { Select } from "../../ui/field";
import { Loading, Notice, Skeleton } from "../../ui/shown";
import { useSettled } from "../settled";
import { type Design, type Preview, previewOf } from "./api";
import type { Scheme } from "./fields";
import { devices, Frame } from "./frame";

/** How long what is typed has to stay before it is drawn, in milliseconds. */
const pause = 80;

export interface Shown {
  /** The last one that could be drawn. */
  preview: Preview | undefined;
  /** Why the present one cannot be. */
  error: unknown;
}

/** usePreview draws the design once it has stayed for a moment. */
export function usePreview(design: Design): Shown {
  const settled = useSettled(JSON.stringify(design), pause);
  const query = useQuery(previewOf(useClient(), JSON.parse(settled) as Design));
  const [last, setLast] = useState<{ owner: string; preview: Preview }>();
  if (query.data && last?.preview !== query.data) setLast({ owner: design.owner, preview: query.data });
  return { preview: query.data ?? (last?.owner === design.owner ? last.preview : undefined), error: query.error };
}

export interface Looking {
  page: string;
  scheme: Scheme;
  device: string;
}

/** How pages are called. */
const pageNames: Record<string, string> = {
  login: "Sign-in",
  register: "Sign-up",
  code: "Code",
  mistake: "A mistake",
  error: "An error",
};

export interface PreviewPaneProps extends Shown {
  pages: string[];
  looking: Looking;
  onLook: (looking: Looking) => void;
  language: { value: string; options: { value: string; label: string }[]; onChange: (locale: string) => void };
}

/** PreviewPane shows the hosted page that would come of what is entered. */
export function PreviewPane({ preview, error, pages, looking, onLook, language }: PreviewPaneProps) {
  const device = devices.find(({ name }) => name === looking.device) ?? devices[0];
  const order = Object.keys(pageNames);
  const names = [...pages].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  return (
    <section className="card preview" aria-label="Preview">
      <div className="preview-head">
        <Select
          label="Page"
          value={looking.page}
          options={names.map((value) => ({ value, label: pageNames[value] ?? value }))}
          onChange={({ target }) => onLook({ ...looking, page: target.value })}
        />
        <Select
          label="Language"
          value={language.value}
          options={language.options}
          onChange={({ target }) => language.onChange(target.value)}
        />
        <Choice
          label="Light or dark"
          value={looking.scheme}
          options={[
            { value: "LIGHT", label: "Light" },
            { value: "DARK", label: "Dark" },
          ]}
          onChange={(scheme) => onLook({ ...looking, scheme })}
        />
        <Choice
          label="Device"
          value={looking.device}
          options={devices.map(({ name, label }) => ({ value: name, label }))}
          onChange={(name) => onLook({ ...looking, device: name })}
        />
      </div>
      <div role="status">
        {error != null && (
          <Notice tone="warn">
            {error instanceof Refused && error.status === 400
              ? "What is entered cannot be drawn yet. This is how it looked before."
              : explain(error)}
          </Notice>
        )}
      </div>
      {preview && device ? (
        <Frame
          label={`${pageNames[looking.page] ?? looking.page}, ${looking.scheme === "DARK" ? "dark" : "light"}, on a ${device.label.toLowerCase()}`}
          page={preview.page}
          style={preview.style}
          device={device}
        />
      ) : (
        error == null && (
          <Loading>
            <Skeleton height="20rem" />
          </Loading>
        )
      )}
    </section>
  );
}

/** Choice is a row of buttons of which one is pressed. */
function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: { value: T; label: string }[];
  onChange: (value: T) => void;
}) {
  return (
    <fieldset className="choice">
      <legend className="field-label">{label}</legend>
      {options.map((option) => (
        <Button key={option.value} aria-pressed={option.value === value} onClick={() => onChange(option.value)}>
          {option.label}
        </Button>
      ))}
    </fieldset>
  );
}
