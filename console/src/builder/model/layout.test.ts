import { describe, expect, it } from "vitest";
import { key, writeFlow } from "./flow";
import { at, flowOf, starter, starters } from "./kit";
import { arrange, placesOf, sizeOf, tidy } from "./layout";
import { linksOf, noEnd } from "./links";

const step = (id: string, ...next: string[]) => ({
  id,
  type: "VIEW",
  data: { components: next.map((to, i) => ({ id: `${id}_${i}`, type: "BUTTON", action: { type: "NEXT", next: to } })) },
});

describe("arranging", () => {
  it.each(starters)("$name leads from left to right, and nothing lies on anything", ({ name }) => {
    const flow = starter(name.replace(".json", ""));
    const places = arrange(flow);
    for (const { source, target } of linksOf(flow)) expect(places.get(source)?.x ?? 0).toBeLessThan(places.get(target)?.x ?? 0);
    const boxes = flow.steps.map((one) => ({ ...sizeOf(one), ...(places.get(one[key]) ?? { x: 0, y: 0 }) }));
    boxes.forEach((a, i) => {
      for (const b of boxes.slice(i + 1)) {
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(apart).toBe(true);
      }
    });
  });

  it("puts steps beside those that lead to them, so that links do not cross", () => {
    const flow = flowOf([step("a", "b", "c"), step("d2", "END"), step("d1", "END"), step("b", "d1"), step("c", "d2")]);
    const y = (id: string) => arrange(flow).get(at(flow, id))?.y ?? 0;
    expect(y("b")).toBeLessThan(y("c"));
    expect(y("d1")).toBeLessThan(y("d2"));
  });

  it("ends with the end, whatever leads back", () => {
    const flow = flowOf([step("a", "b"), step("b", "a", "c", "b"), step("c", "a", "END"), step("lonely")]);
    const places = arrange(flow);
    const end = places.get(noEnd)?.x ?? 0;
    expect([...places].every(([of, place]) => of === noEnd || place.x < end)).toBe(true);
    expect(places.size).toBe(5);
  });

  it("is the same each time, and of nothing is nothing", () => {
    const flow = starter("recovery-sms-or-email");
    expect(arrange(flow)).toEqual(arrange(flow));
    expect([...arrange(flowOf([])).keys()]).toEqual([noEnd]);
    expect(tidy(tidy(flow).apply(flow)).apply(tidy(flow).apply(flow)).steps).toEqual(tidy(flow).apply(flow).steps);
  });

  it("keeps layers apart by the sizes that it is told", () => {
    const flow = flowOf([step("a", "b"), step("b", "END")]);
    const places = arrange(flow, new Map([[at(flow, "a"), { width: 900, height: 10 }]]));
    expect(places.get(at(flow, "b"))?.x).toBeGreaterThan(900);
  });
});

describe("places", () => {
  it("are those that the author chose", () => {
    const flow = starter("basic-google");
    expect([...placesOf(flow).values()]).toEqual([0, 450, 900].map((x) => ({ x, y: 100 })));
  });

  it("are found for what has none, and not written", () => {
    const flow = flowOf([{ ...step("a", "b"), position: { x: 50, y: 50 } }, step("b", "END")]);
    const text = writeFlow(flow);
    const places = placesOf(flow);
    expect(places.get(at(flow, "a"))).toEqual({ x: 50, y: 50 });
    expect(places.get(at(flow, "b"))?.y).toBeGreaterThan(50);
    expect(places.get(noEnd)).toBeDefined();
    expect(writeFlow(flow)).toBe(text);
  });

  it("are no others than numbers", () => {
    const flow = flowOf([
      { ...step("a"), position: { x: "1", y: null } },
      { ...step("b"), position: 5 },
    ]);
    for (const place of placesOf(flow).values()) expect([Number.isFinite(place.x), Number.isFinite(place.y)]).toEqual([true, true]);
  });
});
