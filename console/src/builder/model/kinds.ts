import type { Members } from "./json";
import type { Offer } from "./meta";

const field = (label: string, variant: string, type: string, config: Members = {}): Offer => ({
  label,
  value: { category: "FIELD", type: "INPUT", variant, config: { type, identifier: "", label, required: false, ...config } },
});
const button = (label: string, variant: string, text: string, type: string, summary: string): Offer => ({
  label,
  summary,
  value: { category: "ACTION", type: "BUTTON", variant, config: { type, text }, action: { type: "NEXT" } },
});
const options = { options: [{ key: "1", label: "First", value: "first" }, { key: "2", label: "Second", value: "second" }] }; // biome-ignore format: a list

/**
 * What a page can hold, by groups. These are the components of the contract, which every client draws; a server that declares its own in /flow/meta is
 * believed instead.
 */
export const componentKinds: { group: string; offers: Offer[] }[] = [
  {
    group: "Fields",
    offers: [
      field("Text", "TEXT", "text"),
      field("E-mail", "EMAIL", "email", { identifier: "http://wso2.org/claims/emailaddress" }),
      field("Password", "PASSWORD", "password", { identifier: "password", required: true }),
      field("Phone", "TELEPHONE", "tel", { identifier: "http://wso2.org/claims/mobile" }),
      field("Code", "OTP", "text", { identifier: "otp" }),
      field("Number", "NUMBER", "number"),
      field("Date", "DATE", "date"),
      field("Checkbox", "CHECKBOX", "checkbox"),
      field("Choice from a list", "DROPDOWN", "text", options),
      field("Choice of buttons", "RADIO", "text", options),
      field("Country", "COUNTRY", "text", { identifier: "http://wso2.org/claims/country" }),
      {
        label: "Form",
        summary: "Holds fields and the buttons that send them.",
        value: { category: "BLOCK", type: "FORM", components: [], config: {} },
      },
    ],
  },
  {
    group: "Buttons",
    offers: [
      button("Button", "PRIMARY", "Continue", "submit", "Sends the form and goes on."),
      button("Second button", "SECONDARY", "Another way", "submit", "Another choice beside the first."),
      button("Link", "TEXT", "Back", "button", "Goes on without what is in the form."),
      button("Account elsewhere", "SOCIAL", "Continue with …", "button", "Leads to another provider."),
      {
        label: "Send again",
        summary: "Sends another code.",
        value: { category: "ACTION", type: "RESEND", config: { type: "submit", text: "Send another code" } },
      },
    ],
  },
  {
    group: "Text and pictures",
    offers: [
      { label: "Heading", value: { category: "DISPLAY", type: "TYPOGRAPHY", variant: "H3", config: { text: "Heading" } } },
      { label: "Text", value: { category: "DISPLAY", type: "TYPOGRAPHY", variant: "BODY1", config: { text: "Some words." } } },
      {
        label: "Rich text",
        summary: "With links, lists and emphasis.",
        value: { category: "DISPLAY", type: "RICH_TEXT", config: { text: "<p>Some words.</p>" } },
      },
      { label: "Divider", value: { category: "DISPLAY", type: "DIVIDER", variant: "HORIZONTAL", config: { text: "or" } } },
      { label: "Image", value: { category: "DISPLAY", type: "IMAGE", variant: "IMAGE_BLOCK", config: { src: "" } } },
      {
        label: "Captcha",
        summary: "Keeps programs out.",
        value: { category: "CAPTCHA", type: "CAPTCHA", variant: "RECAPTCHA_V2", config: {} },
      },
    ],
  },
];

/** The variants that a component of a type can be given; none where there is one only. */
export const variantsOf: Record<string, string[]> = {
  INPUT: ["TEXT", "EMAIL", "PASSWORD", "TELEPHONE", "NUMBER", "DATE", "OTP", "CHECKBOX", "DROPDOWN", "RADIO", "COUNTRY"],
  BUTTON: ["PRIMARY", "SECONDARY", "TEXT", "SOCIAL"],
  TYPOGRAPHY: ["H1", "H2", "H3", "H4", "H5", "H6", "BODY1", "BODY2"],
  DIVIDER: ["HORIZONTAL", "VERTICAL"],
};
