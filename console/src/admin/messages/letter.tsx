import { type SyntheticEvent, useState } from "react";

/**
 * Letter shows a mail as mail programs do. No script runs in its frame (sandbox). The styles of mails are inline, which the console's policy
 * refuses of markup; scripts may set them (CSP 3, 8.2), so that is done once the frame has loaded.
 */
export function Letter({ html, dark, narrow }: { html: string; dark: boolean; narrow: boolean }) {
  const [height, setHeight] = useState(360);
  const { markup, sheet } = undressed(html, dark);
  const dress = ({ currentTarget }: SyntheticEvent<HTMLIFrameElement>) => {
    const shown = currentTarget.contentDocument;
    if (!shown?.body) return;
    apply(shown, sheet);
    setHeight(Math.ceil(shown.documentElement.getBoundingClientRect().height));
  };
  return (
    <div className={`letter ${narrow ? "letter-narrow" : ""}`}>
      {/* Another frame for another look: a load follows each. */}
      <iframe
        key={`${dark} ${narrow}`}
        title="The mail as it looks"
        sandbox="allow-same-origin"
        srcDoc={markup}
        onLoad={dress}
        height={height}
      />
    </div>
  );
}

/** undressed takes the styles out of a mail. They are where the server's layout puts them: what authors write is escaped there. */
export function undressed(html: string, dark: boolean): { markup: string; sheet: string } {
  const [, sheet = ""] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? [];
  return {
    markup: html.replace(/<style>[\s\S]*?<\/style>/, "").replaceAll(' style="', ' data-style="'),
    sheet: sheet
      .replaceAll("(prefers-color-scheme: dark)", dark ? "all" : "not all")
      .replace("color-scheme: light dark", `color-scheme: ${dark ? "dark" : "light"}`),
  };
}

function apply(shown: Document, text: string): void {
  for (const element of shown.querySelectorAll<HTMLElement>("[data-style]")) element.style.cssText = element.dataset.style ?? "";
  const sheet = new (shown.defaultView as Window & typeof globalThis).CSSStyleSheet();
  sheet.replaceSync(text);
  shown.adoptedStyleSheets = [sheet];
  // Samples lead nowhere.
  for (const link of shown.links) link.tabIndex = -1;
  shown.addEventListener("click", (event) => event.preventDefault());
}
