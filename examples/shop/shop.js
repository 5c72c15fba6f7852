// Runs the sign-up over the flow API and draws what its answers describe.

const flow = document.querySelector("#flow"), problem = document.querySelector("#problem");
const { issuer, application } = flow.dataset;
let flowId; // of the sign-up that runs

async function send(body) {
  const response = await fetch(`${issuer}/api/server/v1/flow/execute`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.description), answer);
  return answer;
}

const start = () => send({ flowType: "REGISTRATION", applicationId: application }).then(show);

async function submit(actionId, form) {
  const inputs = form ? Object.fromEntries(new FormData(form)) : {};
  flow.inert = true; // until the answer is there
  try {
    show(await send({ flowId, actionId, inputs }), inputs);
  } catch (error) {
    if (error.code === "FE-60001" || error.code === "FE-60006") await start(); // it is over
    problem.textContent = error.code ? error.description : "The server cannot be reached. Please try again.";
  } finally {
    flow.inert = false;
    (flow.querySelector("[aria-invalid]") ?? flow.querySelector("input, button"))?.focus();
  }
}

function show({ flowId: id, flowStatus, type, data }, typed = {}) {
  flowId = id;
  if (flowStatus === "COMPLETE" && data.userAssertion) {
    const form = document.querySelector("#joined");
    form.elements.assertion.value = data.userAssertion;
    return form.submit(); // at once: it counts for two seconds
  }
  if (flowStatus === "COMPLETE" && !data.components?.length) return location.assign("/?notice=joined");
  const messages = data.messages ?? [];
  problem.textContent = messages.filter((m) => !m.identifier).map((m) => m.message).join(" ");
  if (type !== "VIEW" && flowStatus !== "COMPLETE") { // a passkey, or an account elsewhere
    problem.textContent = "This page cannot do that. Please choose another way.";
  }
  flow.replaceChildren(...(data.components ?? []).flatMap((c) => draw(c, messages, typed)));
}

const make = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

const kinds = { EMAIL: "email", PASSWORD: "password", TELEPHONE: "tel", NUMBER: "number", DATE: "date", CHECKBOX: "checkbox" };
const fillIn = { EMAIL: "email", PASSWORD: "new-password", OTP: "one-time-code", TELEPHONE: "tel" };

function draw({ id, type, variant, actionId, components = [], config = {} }, messages, typed) {
  const children = () => components.flatMap((c) => draw(c, messages, typed));
  switch (type) {
    case "FORM": {
      const form = make("form", { noValidate: true }, ...children()); // the server checks, and says what is wrong
      form.addEventListener("submit", (event) => { event.preventDefault(); submit(event.submitter?.value, form); });
      return [form];
    }
    case "INPUT": {
      const name = config.identifier, wrong = messages.find((m) => m.identifier === name);
      const input = make("input", { id, name, type: kinds[variant] ?? "text", autocomplete: fillIn[variant] ?? "on", required: config.required });
      if (variant !== "PASSWORD" && variant !== "OTP") input.value = typed[name] ?? "";
      if (wrong) input.ariaInvalid = "true";
      if (wrong) input.setAttribute("aria-describedby", `${id}-wrong`);
      return [make("label", { htmlFor: id }, config.label ?? name), input, ...(wrong ? [make("p", { id: `${id}-wrong`, className: "wrong" }, wrong.message)] : [])];
    }
    case "BUTTON": case "RESEND": {
      const button = make("button", { value: actionId ?? id, className: variant === "PRIMARY" ? "" : "link" }, config.text);
      button.addEventListener("click", () => button.form ?? submit(button.value));
      return [button];
    }
    case "TYPOGRAPHY": return [make(/^H\d$/.test(variant) ? "h2" : "p", {}, config.text)];
    case "DIVIDER": return [make("hr")];
    default: return children();
  }
}

start().catch(() => { problem.textContent = "The server cannot be reached. Please try again later."; });
