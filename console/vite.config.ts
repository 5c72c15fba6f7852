import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The server that `npm run dev` stands in front of. It has to be started with
// the address of this one as its public URL.
const server = process.env.USHER_SERVER ?? "http://localhost:9443";

export default defineConfig(({ command }) => ({
  // Below which path the console is, the server knows: what is built names its
  // files relative to the page, and package console adds the way up.
  base: command === "build" ? "./" : "/console/",
  plugins: [react()],
  build: {
    target: "es2023",
    outDir: "dist",
    assetsInlineLimit: 0, // every file is one, so that the policy needs no data:
    reportCompressedSize: false,
    license: { fileName: "assets/licenses.md" },
    rolldownOptions: {
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: Object.fromEntries(
      ["/api", "/scim2", "/oauth2", "/oidc", "/accounts", "/commonauth", "/t/"].map((path) => [path, { target: server, secure: false }]),
    ),
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/testing.ts"],
    restoreMocks: true,
    testTimeout: 30_000, // beyond what src/testing.ts waits for
  },
}));
