// What a preference says, by where it says it (package branding of the server). Of several paths the first that is set counts; one is set at the
// first of them.
export const schemes = ["LIGHT", "DARK"] as const;
export type Scheme = (typeof schemes)[number];

export interface ColorPlace {
  /** The role that previews know the colour by. */
  role: string;
  label: string;
  /** Below the theme. */
  paths: readonly string[];
}

export const colorGroups: { title: string; colors: ColorPlace[] }[] = [
  {
    title: "Buttons and links",
    colors: [
      { role: "brand", label: "Main buttons", paths: ["colors.primary.main"] },
      { role: "on-brand", label: "Text on main buttons", paths: ["colors.primary.contrastText", "buttons.primary.base.font.color"] },
      { role: "link", label: "Links", paths: ["colors.link.main"] },
    ],
  },
  {
    title: "Page and box",
    colors: [
      { role: "back", label: "Page", paths: ["colors.background.body.main", "loginPage.background.backgroundColor"] },
      { role: "foot", label: "Text on the page", paths: ["footer.font.color"] },
      { role: "card", label: "Box", paths: ["colors.background.surface.main", "loginBox.background.backgroundColor"] },
      { role: "text", label: "Text", paths: ["colors.text.primary", "typography.font.color", "loginBox.font.color"] },
      { role: "soft", label: "Quiet text", paths: ["colors.text.secondary"] },
      { role: "line", label: "Borders of inputs", paths: ["inputs.base.border.borderColor"] },
    ],
  },
  {
    title: "Messages",
    colors: [
      { role: "bad", label: "Mistakes", paths: ["colors.alerts.error.contrastText"] },
      { role: "bad-back", label: "Behind mistakes", paths: ["colors.alerts.error.main"] },
      { role: "good-back", label: "Behind news", paths: ["colors.alerts.info.main"] },
    ],
  },
];

/** How people call what has a role. */
export const roleNames: Record<string, string> = {
  ...Object.fromEntries(colorGroups.flatMap(({ colors }) => colors.map(({ role, label }) => [role, label.toLowerCase()]))),
  "bad-back": "what is behind mistakes",
  "good-back": "what is behind news",
  "brand-strong": "main buttons under the pointer",
  "link-strong": "links under the pointer",
};

export interface TextPlace {
  label: string;
  path: string;
  hint?: string;
  type?: "text" | "url" | "email";
}

export const shape: TextPlace[] = [
  { label: "Corners of buttons", path: "buttons.primary.base.border.borderRadius", hint: "A length, such as 6px or 0.5rem." },
  { label: "Corners of inputs", path: "inputs.base.border.borderRadius" },
  { label: "Corners of the box", path: "loginBox.border.borderRadius" },
  {
    label: "Fonts",
    path: "typography.font.fontFamily",
    hint: "Names, separated by commas. They count where people have the font; none is loaded.",
  },
];

const address = "An https address, or a path on this server.";

export const images: TextPlace[] = [
  { label: "Logo", path: "images.logo.imgURL", type: "url", hint: address },
  { label: "Words for the logo", path: "images.logo.altText", hint: "For who does not see it; the name where nothing is said." },
  { label: "Icon of the page", path: "images.favicon.imgURL", type: "url" },
];

export const organization: TextPlace[] = [
  { label: "Display name", path: "organizationDetails.displayName" },
  { label: "E-mail address for help", path: "organizationDetails.supportEmail", type: "email" },
];

export const links: TextPlace[] = [
  { label: "Privacy policy", path: "urls.privacyPolicyURL", type: "url", hint: address },
  { label: "Terms of use", path: "urls.termsOfUseURL", type: "url" },
  { label: "Cookie policy", path: "urls.cookiePolicyURL", type: "url" },
];

export const layouts = [
  { value: "", label: "In the middle" },
  { value: "left-aligned", label: "At the beginning of lines" },
  { value: "right-aligned", label: "At the end of lines" },
  { value: "left-image", label: "Beside an image at the beginning" },
  { value: "right-image", label: "Beside an image at the end" },
];

export const activeThemes = [
  { value: "", label: "What people told their device" },
  { value: "LIGHT", label: "The light one, for everybody" },
  { value: "DARK", label: "The dark one, for everybody" },
];

/** What problems may be about that this page has a field for, as refusals name them. */
export const placesOf = (theme: Scheme): string[] =>
  [...colorGroups.flatMap(({ colors }) => colors.flatMap(({ paths }) => paths)), ...[...shape, ...images].map(({ path }) => path)].map(
    (path) => `preference.theme.${theme}.${path}`,
  );

export const places: string[] = [
  ...schemes.flatMap(placesOf),
  ...[...organization, ...links].map(({ path }) => `preference.${path}`),
  ...["theme.activeTheme", "layout.activeLayout", "layout.sideImg.imgURL", "customCSS"].map((path) => `preference.${path}`),
];
