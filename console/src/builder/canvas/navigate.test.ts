import { expect, it } from "vitest";
import { beside } from "./navigate";

const places = new Map([
  ["a", { x: 0, y: 0 }],
  ["b", { x: 400, y: -150 }],
  ["c", { x: 400, y: 250 }],
  ["d", { x: 800, y: 0 }],
]);

it("goes to the nearest that way", () => {
  expect(beside(places, "a", "ArrowRight")).toBe("b");
  expect(beside(places, "b", "ArrowDown")).toBe("c");
  expect(beside(places, "c", "ArrowUp")).toBe("b");
  expect(beside(places, "d", "ArrowLeft")).toBe("b");
});

it("goes nowhere where nothing is", () => {
  expect(beside(places, "a", "ArrowLeft")).toBeUndefined();
  expect(beside(places, "b", "ArrowUp")).toBeUndefined();
  expect(beside(places, "none", "ArrowUp")).toBeUndefined();
});
