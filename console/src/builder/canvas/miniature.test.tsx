import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { type Component, readFlow } from "../model/flow";
import { noMeta } from "../model/meta";
import { DeclaredContext } from "../state/context";
import { Miniature } from "./miniature";

/** The component as the builder reads it out of a document. */
function componentOf(component: object): Component {
  const steps = [{ id: "a", type: "VIEW", data: { components: [component] } }];
  const [step] = readFlow(JSON.stringify({ flowType: "REGISTRATION", steps })).steps;
  return step?.data?.components?.[0] as Component;
}

test.each([
  [{ id: "b", type: "BUTTON", config: { text: "{{sign.up}}" } }, "Sign up"],
  [{ id: "h", type: "TYPOGRAPHY", variant: "H3", config: { text: "{{none}} {{sign.up}}" } }, "{{none}} Sign up"],
  [{ id: "r", type: "RICH_TEXT", config: { text: "<p>Please <b>{{sign.up}}</b></p>" } }, "Please Sign up"],
])("keys are shown as what they say: %j", (written, want) => {
  const component = componentOf(written);
  const before = JSON.stringify(component);
  render(
    <DeclaredContext value={{ meta: { ...noMeta, texts: { "sign.up": "Sign up" } }, parts: [], attributes: [] }}>
      <Miniature component={component} />
    </DeclaredContext>,
  );
  screen.getByText(want);
  expect(JSON.stringify(component)).toBe(before);
});
