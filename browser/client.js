// The smallest client of the execute API. It runs in the test page, draws
// nothing, and goes through ceremonies with the platform's own JSON methods.

class Client {
  constructor(api) {
    this.api = api;
  }

  async send(body) {
    const response = await fetch(this.api + "/api/server/v1/flow/execute", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = { status: response.status, ...(await response.json()) };
    if (response.ok) this.last = answer;
    return answer;
  }

  start(flowType, inputs = {}) {
    return this.send({ flowType, inputs });
  }

  submit(inputs = {}, actionId = "") {
    return this.send({ flowId: this.last.flowId, actionId, inputs });
  }

  // ceremony does what the last answer asks for. It returns the credential's
  // JSON, or the name of the browser's error. Nobody touches an authenticator
  // that waits longer than patience, in milliseconds.
  async ceremony(patience = 10_000) {
    const { action, publicKeyCredentialCreationOptions: creation, publicKeyCredentialRequestOptions: request } = this.last.data.webAuthn;
    const signal = AbortSignal.timeout(patience);
    try {
      const credential = action === "WEBAUTHN_CREATE"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(creation), signal })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(request), signal });
      return { credential: JSON.stringify(credential.toJSON()) };
    } catch (error) {
      return { error: error.name };
    }
  }
}

// tokenResponse is the documented form of an answer: base64url of the JSON.
function tokenResponse(credential) {
  const bytes = String.fromCharCode(...new TextEncoder().encode(credential));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
