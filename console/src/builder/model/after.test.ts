import { expect, it } from "vitest";
import { addAfter } from "./after";
import { type Flow, idOf, type Key, key } from "./flow";
import { at, flowOf, meta, starter, stepAt } from "./kit";
import { placesOf, sizeOf } from "./layout";
import { linksOf } from "./links";
import { look } from "./look";
import { partsOf, stepFrom } from "./parts";

const page = () => {
  const part = partsOf(meta, []).find((one) => one.label === "Page");
  if (!part) throw new Error("there is no page");
  return stepFrom(part);
};
const links = (flow: Flow) => linksOf(flow).map((link) => [name(flow, link.source), name(flow, link.target)].join(" → "));
const name = (flow: Flow, of: Key) => {
  const step = look(flow).steps.get(of)?.step;
  return step ? idOf(step) : "END";
};

it("adds the first step of all", () => {
  const flow = flowOf([]);
  const after = addAfter(flow, undefined, page()).apply(flow);
  expect([after.steps.map(idOf), links(after)]).toEqual([["page"], []]);
});

it("puts a step between the selected button and where it led", () => {
  const flow = starter("basic-google");
  const after = addAfter(flow, at(flow, "details_submit"), page()).apply(flow);
  expect(links(after)).toEqual(["details → google", "details → page", "google → END", "page → END"]);
});

it("leads there from what leads nowhere yet, and not from a button that was not meant", () => {
  const flow = starter("recovery-sms-or-email");
  const none = addAfter(flow, at(flow, "channel"), page()).apply(flow);
  expect(links(none)).toEqual(links(flow));
  const lone = addAfter(flow, at(flow, "account"), page()).apply(flow);
  expect(links(lone)).toContain("account → page");
  expect(links(lone)).toContain("page → channel");
});

it("leads nowhere from the end, and keeps the page's own button free", () => {
  const flow = starter("basic-google");
  expect(links(addAfter(flow, at(flow, "END"), page()).apply(flow))).toEqual(links(flow));
});

it("is selected, and lies on nothing", () => {
  let flow = starter("recovery-sms-or-email");
  for (let i = 0; i < 6; i++) {
    const step = page();
    const edit = addAfter(flow, at(flow, "account"), step);
    flow = edit.apply(flow);
    expect(edit.select).toEqual([step[key]]);
    const places = placesOf(flow);
    const mine = places.get(step[key]);
    const others = flow.steps.filter((one) => one[key] !== step[key]);
    for (const other of others) {
      const place = places.get(other[key]);
      const apart =
        Math.abs((place?.x ?? 0) - (mine?.x ?? 0)) >= 280 ||
        (place?.y ?? 0) + sizeOf(other).height <= (mine?.y ?? 0) ||
        (place?.y ?? 0) >= (mine?.y ?? 0) + sizeOf(stepAt(flow, "page")).height;
      expect(apart).toBe(true);
    }
  }
});
