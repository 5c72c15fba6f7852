// Flow definitions of the tests.

const button = (id, action) => ({ id, category: "ACTION", type: "BUTTON", variant: "PRIMARY", config: { text: id }, action });
const input = (id, variant, identifier) => ({ id, category: "FIELD", type: "INPUT", variant, config: { identifier, required: true } });
const run = (name, next, meta) => ({ type: "EXECUTOR", executor: { name, meta }, next });
const form = (id, ...components) => ({ id, category: "BLOCK", type: "FORM", components });
const view = (id, ...components) => ({ id, type: "VIEW", data: { components } });
const task = (id, action) => ({ id, type: "EXECUTION", data: { action } });

// Somebody who is invited enrols a passkey, at the press of a button.
export const invitation = {
  flowType: "INVITED_USER_REGISTRATION",
  steps: [
    task("code", run("ConfirmationCodeValidationExecutor", "enrol")),
    view("enrol", button("create", run("FIDO2Executor", "END"))),
  ],
};

// Somebody proves with a passkey who they are, and chooses a new password.
export const recovery = {
  flowType: "PASSWORD_RECOVERY",
  steps: [
    view("who", form("who_form", input("name", "TEXT", "username"), button("find", run("UserResolveExecutor", "proof")))),
    task("proof", run("FIDO2Executor", "choose", { mode: "get" })),
    view("choose", form("choose_form", input("secret", "PASSWORD", "password"), button("set", run("PasswordProvisioningExecutor", "END")))),
  ],
};
