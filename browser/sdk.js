// Serves sdk/app.jsx, an application that stands on the public React SDK.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import { serve } from "./site.js";

// startSDKApplication returns its running site. What the page is set up with is
// the site's settings, for the page to be reloaded after a change.
export async function startSDKApplication() {
  const { outputFiles: [script] } = await build({
    entryPoints: [fileURLToPath(new URL("sdk/app.jsx", import.meta.url))],
    bundle: true, write: false, format: "esm", jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const site = await serve((request, response) => {
    const isScript = request.url === "/app.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html; charset=utf-8");
    response.end(isScript ? script.contents : page(site.settings));
  });
  return site;
}

const page = (settings) => `<!doctype html><html lang="en"><title>Application</title><div id="app"></div>
<script>globalThis.settings = ${JSON.stringify(settings)}</script><script type="module" src="/app.js"></script></html>`;
