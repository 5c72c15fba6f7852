import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeServer, visit } from "../visit";
import { groupsOf, ruleText, type ServerInfo } from "./info";
import { Component } from "./server";

const setting = (key: string, group: string, value: string) => ({
  group,
  key,
  flag: `--${key.replace(/_/g, "-")}`,
  variable: `USHER_${key.toUpperCase()}`,
  help: `About ${key}.`,
  value,
});
const info: ServerInfo = {
  version: "v1.2.3",
  operator: true,
  settings: [
    { ...setting("smtp_url", "Messages", "smtp://(hidden)@mail.example.com"), hidden: true, origin: "variable" },
    { ...setting("mail_from", "Messages", ""), origin: "default" },
    { ...setting("otp_life", "Flows", "5m0s"), origin: "usher.yaml:3" },
  ],
  usernameRules: [
    {
      type: "RULE",
      name: "LengthValidator",
      conditions: [
        { key: "min.length", value: "3" },
        { key: "max.length", value: "255" },
      ],
    },
  ],
};

test("settings stand below their headings, in their order", () => {
  expect(groupsOf(info.settings).map(([group, list]) => [group, list.length])).toEqual([
    ["Messages", 2],
    ["Flows", 1],
  ]);
  expect(info.usernameRules.map(ruleText)).toEqual(["3 to 255 characters"]);
});

test("each says its value, its names and where it comes from", async () => {
  visit(new FakeServer().on("GET", "/api/server/v1/server-info", info), <Component />);
  const messages = within(await screen.findByRole("region", { name: "Messages" }));
  expect(messages.getByText("smtp://(hidden)@mail.example.com")).toBeTruthy();
  expect(messages.getByText("Part of it is hidden.")).toBeTruthy();
  expect(messages.getByText("not set")).toBeTruthy();
  expect(messages.getByText("USHER_SMTP_URL").parentElement?.textContent).toContain("set by a variable");
  expect(screen.getByText("USHER_OTP_LIFE").parentElement?.textContent).toContain("set by usher.yaml:3");
  expect(screen.getByText("v1.2.3")).toBeTruthy();
  expect(screen.queryByRole("textbox")).toBeNull();
});

test("another tenant's administrator is told no version", async () => {
  const { version: _, ...theirs } = info;
  visit(new FakeServer().on("GET", "/api/server/v1/server-info", { ...theirs, operator: false }), <Component />);
  await screen.findByRole("region", { name: "Flows" });
  expect(screen.queryByText("Version")).toBeNull();
});
