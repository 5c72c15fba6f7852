import { type Component, configFlag, kindOf } from "../model/flow";

/** Field is a member of a component's config that can be changed here. */
export interface Field {
  name: string;
  label: string;
  kind: "text" | "long" | "rich" | "flag" | "identifier" | "options" | "rules" | "submit" | "address";
  hint?: string;
  optional?: boolean;
}

const label: Field = { name: "label", label: "Label", kind: "text", hint: "A text of the server's own is named {{key}}." };
const says: Field = { name: "text", label: "Text", kind: "text", hint: "A text of the server's own is named {{key}}." };
const choices: Field = { name: "options", label: "Choices", kind: "options" };

/** shapes lists the fields of a component, by its type and variant. What is not listed is shown and kept. */
export function shapes(component: Component): Field[] {
  switch (kindOf(component)) {
    case "INPUT":
      return inputShape(component);
    case "BUTTON":
      return [
        says,
        { name: "type", label: "Sends the form", kind: "submit" },
        ...(isSocial(component) ? [picture("image", "Picture")] : []),
      ];
    case "RESEND":
    case "DIVIDER":
      return [says];
    case "TYPOGRAPHY":
      return [{ ...says, kind: "long" }];
    case "RICH_TEXT":
      return [{ ...says, kind: "rich" }];
    case "IMAGE":
      return [
        picture("src", "Address"),
        { name: "alt", label: "What it shows", kind: "text", hint: "For those who do not see it.", optional: true },
      ];
    case "POLICY":
      return [{ name: "description", label: "Text", kind: "long" }];
  }
  return [];
}

const isSocial = (component: Component) => component.variant?.toUpperCase() === "SOCIAL";
const picture = (name: string, of: string): Field => ({ name, label: of, kind: "address", hint: "https://… or a path on this server." });

function inputShape(component: Component): Field[] {
  const variant = component.variant?.toUpperCase() ?? "";
  const list = variant === "DROPDOWN" || variant === "RADIO";
  const typed = !list && variant !== "CHECKBOX" && variant !== "OTP";
  return [
    { name: "identifier", label: "Asks for", kind: "identifier" },
    label,
    ...(typed ? [{ name: "placeholder", label: "Placeholder", kind: "text" as const, optional: true }] : []),
    { name: "hint", label: "Hint", kind: "text", optional: true },
    ...(list ? [choices] : []),
    ...(list || configFlag(component, "defaultValue") || component.config?.defaultValue !== undefined
      ? [{ name: "defaultValue", label: "Chosen at first", kind: "text" as const, optional: true }]
      : []),
    { name: "required", label: "Has to be filled in", kind: "flag" },
    ...(component.config?.validations !== undefined ? [{ name: "validations", label: "Rules", kind: "rules" as const }] : []),
  ];
}
