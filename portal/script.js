// What scripts add to the hosted pages: passkeys and captchas, which need
// them, and conveniences. Everything else works without.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);

  // Passwords can be shown, and their rules are ticked off while typing.
  for (const button of all(".reveal")) {
    const input = document.getElementById(button.getAttribute("aria-controls"));
    const show = button.textContent;
    button.hidden = false;
    const set = (shown) => {
      input.type = shown ? "text" : "password";
      button.setAttribute("aria-pressed", shown);
      button.textContent = shown ? button.dataset.hide : show;
    };
    button.addEventListener("click", () => { set(input.type === "password"); input.focus(); });
    input.form?.addEventListener("submit", () => set(false)); // or managers do not offer to save it
  }

  const counts = {
    LengthValidator: (text) => [...text].length,
    NumeralValidator: (text) => (text.match(/\p{Nd}/gu) ?? []).length,
    UpperCaseValidator: (text) => (text.match(/\p{Lu}/gu) ?? []).length,
    LowerCaseValidator: (text) => (text.match(/\p{Ll}/gu) ?? []).length,
    SpecialCharacterValidator: (text) => (text.match(/[^\p{L}\p{Nd}]/gu) ?? []).length,
  };
  for (const list of all(".rules")) {
    const input = document.getElementById(list.id.replace(/-rules$/, ""));
    const tick = () => {
      for (const item of all("li", list)) {
        const n = counts[item.dataset.rule](input.value);
        item.classList.toggle("met", n >= item.dataset.min && (item.dataset.max === "0" || n <= item.dataset.max));
      }
    };
    input.addEventListener("input", tick);
    tick();
  }

  // Codes: pasted with whatever stands around them, and sent when complete.
  for (const input of all("input.code")) {
    const digits = (text) => text.replace(/[\s-]/g, "");
    input.addEventListener("paste", (event) => {
      const text = digits(event.clipboardData?.getData("text") ?? "");
      const code = text.match(input.maxLength > 0 ? new RegExp(`(?<!\\d)\\d{${input.maxLength}}(?!\\d)`) : /\d{4,}/)?.[0];
      if (!code) return;
      event.preventDefault();
      input.value = code;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  // A code can be sent again after a while.
  const pause = 30;
  for (const button of all("button[data-wait]")) {
    const text = button.textContent;
    const until = Date.now() + pause * 1000;
    const count = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      button.disabled = left > 0;
      button.textContent = left > 0 ? `${text} (${button.dataset.wait.replace("{seconds}", left)})` : text;
      if (left > 0) setTimeout(count, 1000);
    };
    count();
  }

  // Until when the page can be finished, by the person's own clock, and a word
  // before that, which is read out once.
  const limit = one(".limit [data-left]");
  if (limit) {
    const { left, until, soon } = limit.dataset;
    const end = new Date(Date.now() + left * 1000);
    const lang = document.documentElement.lang;
    const locale = navigator.languages.find((one) => one.split("-")[0] === lang) ?? lang;
    const style = left < 72000 ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
    limit.textContent = until.replace("{time}", new Intl.DateTimeFormat(locale, style).format(end));
    const warn = () => {
      const wait = end - Date.now() - Math.min(left / 2, 120) * 1000;
      if (wait > 0) setTimeout(warn, Math.min(wait, 3600000)); // timers stop while the device sleeps
      else limit.nextElementSibling.textContent = soon;
    };
    warn();
  }

  // A form is sent once.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const form = event.target;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 8000);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload(); // what the browser kept may be over
  });

  // Captchas put their token into the form they stand in, or into none: each
  // form takes it along. Those that only score are asked when a form is sent.
  const put = (form, name, value) => {
    const input = form.querySelector(`input[name="${name}"]`) ?? form.appendChild(document.createElement("input"));
    Object.assign(input, { type: "hidden", name, value });
  };
  const score = one(".g-recaptcha-score");
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (score && !form.dataset.scored) {
      event.preventDefault();
      const go = event.submitter;
      delete form.dataset.sent;
      globalThis.grecaptcha?.ready(async () => {
        put(form, "captchaResponse", await globalThis.grecaptcha.execute(score.dataset.sitekey, { action: "submit" }));
        form.dataset.scored = "1";
        form.requestSubmit(go);
      });
      return;
    }
    const token = one("[name=g-recaptcha-response], [name=h-captcha-response], [name=cf-turnstile-response]")?.value;
    if (token && one(".captcha")) put(form, "captchaResponse", token);
  });

  // Passkeys (Web Authentication Level 3). Older browsers lack the methods
  // that read and write JSON.
  const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const readOptions = (create, options) => {
    const parse = create ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
    if (PublicKeyCredential[parse]) return PublicKeyCredential[parse](options);
    const list = (ids) => ids?.map((one) => ({ ...one, id: toBytes(one.id) }));
    const read = { ...options, challenge: toBytes(options.challenge) };
    if (options.user) read.user = { ...options.user, id: toBytes(options.user.id) };
    if (options.excludeCredentials) read.excludeCredentials = list(options.excludeCredentials);
    if (options.allowCredentials) read.allowCredentials = list(options.allowCredentials);
    return read;
  };
  const write = (credential) => {
    try {
      return JSON.stringify(credential.toJSON());
    } catch { /* a browser or a password manager without it */ }
    const response = { clientDataJSON: toText(credential.response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = toText(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return JSON.stringify({
      id: credential.id, rawId: toText(credential.rawId), type: credential.type, response,
      authenticatorAttachment: credential.authenticatorAttachment ?? undefined, clientExtensionResults: credential.getClientExtensionResults(),
    });
  };
  const ceremony = one("form#ceremony");
  if (ceremony) {
    const button = ceremony.querySelector("button");
    const create = ceremony.dataset.create === "true";
    const say = (text) => {
      let notes = one(".notes.bad");
      if (!notes) {
        notes = document.createElement("div");
        notes.className = "notes bad";
        notes.setAttribute("role", "alert");
        ceremony.before(notes);
      }
      notes.textContent = text;
    };
    const run = async (asked) => {
      button.disabled = true;
      try {
        const publicKey = readOptions(create, JSON.parse(one("#options").textContent));
        const credential = await (create ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
        ceremony.elements.tokenResponse.value = toText(new TextEncoder().encode(write(credential)));
        ceremony.submit();
      } catch {
        button.disabled = false;
        button.focus();
        if (asked) say(ceremony.dataset.stopped);
      }
    };
    ceremony.addEventListener("submit", (event) => { event.preventDefault(); run(true); });
    if (globalThis.PublicKeyCredential) {
      button.hidden = false;
      button.focus();
      // Somebody has just pressed a button for it; some browsers want another
      // press, and then it waits for that.
      if (performance.getEntriesByType("navigation")[0]?.type === "navigate") run(false);
    } else {
      say(ceremony.dataset.unsupported);
    }
  }

  // What needs nobody to press anything.
  one("form[data-auto]")?.requestSubmit();
})();
