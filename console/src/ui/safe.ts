/** What the hosted pages draw of rich text (portal/richtext.go), and this editor makes: nothing that runs, loads or covers the page. */
const elements = new Set([
  "P", "BR", "HR", "SPAN", "DIV", "H1", "H2", "H3", "H4", "H5", "H6", "STRONG", "B", "EM", "I", "U", "S", "SMALL", "SUB", "SUP",
  "UL", "OL", "LI", "BLOCKQUOTE", "CODE", "PRE", "A",
]); // biome-ignore format: a list
/** What is left out with everything in it; of all else that is not drawn the content stays. */
const dropped = new Set(["SCRIPT", "STYLE", "TEMPLATE", "IFRAME", "OBJECT", "EMBED", "NOSCRIPT", "TEXTAREA", "TITLE", "SVG", "MATH"]);

const classes = /^rich-text-[a-z0-9-]+( rich-text-[a-z0-9-]+)*$/;

/** isAddress tells whether a link may lead there: http, https, mailto, a place on this server, or what a {{placeholder}} will say. */
export const isAddress = (href: string): boolean =>
  /^(https?:\/\/|mailto:|\/(?!\/)|#|\{\{[\w.-]+\}\}$)/i.test(href.trim()) && !href.includes("\\");

/** parsed reads HTML without running or loading anything of it. */
const parsed = (html: string): HTMLElement => new DOMParser().parseFromString(`<body>${html}`, "text/html").body;

/** clean returns the HTML that may be drawn. What it returns, it returns again unchanged. */
export function clean(html: string): string {
  const body = parsed(html);
  prune(body);
  return body.innerHTML;
}

/** isClean tells whether nothing would be lost by cleaning: an editor may be opened on it. */
export function isClean(html: string): boolean {
  return clean(html) === parsed(html).innerHTML;
}

function prune(node: Element): void {
  for (const child of [...node.children]) {
    prune(child);
    const name = child.tagName.toUpperCase();
    if (dropped.has(name)) child.remove();
    else if (!elements.has(name)) child.replaceWith(...child.childNodes);
    else for (const attribute of [...child.attributes]) if (!allowed(name, attribute)) child.removeAttribute(attribute.name);
  }
  for (const child of [...node.childNodes]) if (child.nodeType === Node.COMMENT_NODE) child.remove();
}

function allowed(element: string, { name, value }: Attr): boolean {
  switch (name) {
    case "class":
      return classes.test(value);
    case "dir":
      return /^(ltr|rtl|auto)$/.test(value);
    case "lang":
      return /^[A-Za-z0-9-]{2,35}$/.test(value);
    case "href":
      return element === "A" && isAddress(value);
  }
  return false;
}
