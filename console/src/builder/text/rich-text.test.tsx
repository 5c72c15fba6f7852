import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { RichText } from "./rich-text";

function setup(given: string) {
  const told: string[] = [];
  function Around() {
    const [value, setValue] = useState(given);
    const change = (html: string) => {
      told.push(html);
      setValue(html);
    };
    return <RichText label="Text" value={value} onChange={change} />;
  }
  render(<Around />);
  return told;
}

const box = () => screen.getByRole("textbox", { name: "Text" });
const type = (html: string) => {
  box().innerHTML = html;
  fireEvent.input(box());
};

describe("the editor", () => {
  it("shows the text as it looks, and tells what is typed without what pages do not draw", () => {
    const told = setup("<p>Hello <strong>you</strong></p>");
    expect(box().innerHTML).toBe("<p>Hello <strong>you</strong></p>");
    type('<p style="color:red">Bye<img src=x onerror=alert(1)></p>');
    expect(told).toEqual(["<p>Bye</p>"]);
  });

  it("formats what is selected", async () => {
    const run = vi.fn();
    Object.assign(document, { execCommand: run });
    setup("<p>Hello</p>");
    for (const name of ["Bold", "Italic", "Underline", "List", "Numbered list"])
      await userEvent.click(screen.getByRole("button", { name }));
    expect(run.mock.calls.map(([command]) => command)).toEqual(["bold", "italic", "underline", "insertUnorderedList", "insertOrderedList"]);
  });

  it("links only to what is an address", async () => {
    const run = vi.fn();
    Object.assign(document, { execCommand: run });
    setup("<p>Hello</p>");
    await userEvent.click(screen.getByRole("button", { name: "Link" }));
    await userEvent.type(screen.getByLabelText("Leads to"), "javascript:alert(1){Enter}");
    expect(screen.getByText(/It has to begin with/)).toBeDefined();
    expect(run).not.toHaveBeenCalled();
    await userEvent.clear(screen.getByLabelText("Leads to"));
    await userEvent.type(screen.getByLabelText("Leads to"), "https://example.com{Enter}");
    expect(run).toHaveBeenCalledWith("createLink", false, "https://example.com");
  });

  it("links back to the application", async () => {
    const linked: string[] = [];
    Object.assign(document, { execCommand: (_: string, __: boolean, address: string) => linked.push(address) });
    setup("<p>Hello</p>");
    await userEvent.click(screen.getByRole("button", { name: "Link" }));
    await userEvent.click(screen.getByRole("button", { name: "Back to the application" }));
    expect(linked).toEqual(["{{application.callbackOrAccessUrl}}"]);
  });

  it("opens as text what holds more than it can show, and loses nothing of it", async () => {
    const told = setup('<p style="color:red">Hello</p>');
    const text = screen.getByLabelText("Text, HTML") as HTMLTextAreaElement;
    expect([text.value, told]).toEqual(['<p style="color:red">Hello</p>', []]);
    expect((screen.getByRole("button", { name: "HTML" }) as HTMLButtonElement).disabled).toBe(true);
    fireEvent.change(text, { target: { value: "<p>Hello</p>" } });
    await userEvent.click(screen.getByRole("button", { name: "HTML" }));
    expect(box().innerHTML).toBe("<p>Hello</p>");
  });
});
