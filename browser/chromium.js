// Starts Chromium, and gives pages virtual authenticators (Web Authentication
// Level 3, section 11).
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const candidates = [process.env.USHER_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

// startChromium returns a browser with a profile of its own that calls nobody
// by itself.
export function startChromium() {
  const executablePath = candidates.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error("there is no Chromium: run scripts/browser-setup, or set USHER_CHROMIUM to its path");
  return chromium.launch({
    executablePath,
    headless: true,
    chromiumSandbox: false, // which does not work as root
    args: [
      "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    ],
  });
}

// openPage opens the page of a site, with a client of the API at api.
export async function openPage(browser, site, api) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site);
  await page.evaluate((url) => { globalThis.client = new Client(url); }, api);
  return new Page(context, page, site);
}

// Page is a person in front of a page.
export class Page {
  constructor(context, page, origin) {
    Object.assign(this, { context, page, origin });
  }

  close() {
    return this.context.close();
  }

  // addAuthenticator plugs one in; internal ones are part of the device.
  async addAuthenticator(transport) {
    if (!this.cdp) {
      this.cdp = await this.context.newCDPSession(this.page);
      await this.cdp.send("WebAuthn.enable");
    }
    const { authenticatorId } = await this.cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2", ctap2Version: "ctap2_1", transport,
        hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
      },
    });
    return new Authenticator(this.cdp, authenticatorId);
  }

  // resume makes a client that goes on with an execution, after the browser
  // was elsewhere.
  resume(api, flowId) {
    return this.page.evaluate(([url, id]) => {
      globalThis.client = new Client(url);
      client.last = { flowId: id };
    }, [api, flowId]);
  }

  start(flowType, inputs) {
    return this.page.evaluate(([t, i]) => client.start(t, i), [flowType, inputs]);
  }

  submit(inputs, actionId) {
    return this.page.evaluate(([i, a]) => client.submit(i, a), [inputs, actionId]);
  }

  // ceremony returns {credential} or {error}; see client.js.
  ceremony(patience) {
    return this.page.evaluate((p) => client.ceremony(p), patience);
  }

  // answer goes through the ceremony, which has to succeed, and submits what
  // came of it.
  async answer() {
    const { credential, error } = await this.ceremony();
    if (error) throw new Error(`the ceremony failed: ${error}`);
    return this.submit({ tokenResponse: await this.token(credential) });
  }

  token(credential) {
    return this.page.evaluate((c) => tokenResponse(c), credential);
  }
}

class Authenticator {
  constructor(cdp, authenticatorId) {
    Object.assign(this, { cdp, authenticatorId });
  }

  // touched says whether somebody is there to touch it.
  touched(enabled) {
    return this.cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: this.authenticatorId, enabled });
  }

  async credentials() {
    return (await this.cdp.send("WebAuthn.getCredentials", { authenticatorId: this.authenticatorId })).credentials;
  }
}
