// What jsdom leaves out, and what is put in order after each test.
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(cleanup);

// How long is waited for what is to come, in milliseconds: a machine may have other things to do too. What comes sooner is not waited for.
configure({ asyncUtilTimeout: 10_000 });

if (typeof document !== "undefined") {
  // Of modal dialogs only whether they are open; that the browser keeps the focus in them is tested in one.
  HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
    this.open = false;
  };
  HTMLElement.prototype.showPopover = () => {};
  HTMLElement.prototype.hidePopover = () => {};
}
