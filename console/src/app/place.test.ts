import { expect, test } from "vitest";
import { elsewhere, readPlace } from "./place";

function page(issuer: string, scopes = ""): Document {
  const html = `<meta name="usher-issuer" content="${issuer}"><meta name="usher-scopes" content="${scopes}">`;
  return new DOMParser().parseFromString(html, "text/html");
}

const at = (url: string) => new URL(url) as unknown as Location;

test.each([
  ["https://id.example.com", "", undefined],
  ["https://id.example.com/t/acme", "/t/acme", "acme"],
  ["https://example.com/login", "/login", undefined],
  ["https://example.com/login/t/console", "/login/t/console", "console"],
])("the page of %s", (issuer, root, tenant) => {
  expect(readPlace(page(issuer, "internal_a_view internal_b_view"), at("https://elsewhere/"))).toEqual({
    issuer,
    root,
    tenant,
    scopes: ["internal_a_view", "internal_b_view"],
  });
});

test("a page that no server has filled in", () => {
  expect(readPlace(page(""), at("http://localhost:5173/console/"))).toEqual({
    issuer: "http://localhost:5173",
    root: "",
    tenant: undefined,
    scopes: [],
  });
});

test.each([
  ["https://id.example.com", "https://id.example.com/console/flows", undefined],
  ["https://id.example.com/t/acme", "https://id.example.com/t/acme/console/", undefined],
  ["https://localhost:9443", "https://127.0.0.1:9443/console/flows?a=b#c", "https://localhost:9443/console/flows?a=b#c"],
  ["https://localhost:9443/t/console", "https://127.0.0.1:9443/t/console/console/x", "https://localhost:9443/t/console/console/x"],
  ["https://example.com/login", "https://example.com/console/", "https://example.com/login/console/"],
])("of %s opened as %s", (issuer, url, want) => {
  const place = readPlace(page(issuer), at(url));
  expect(elsewhere(place, at(url))).toBe(want);
});
