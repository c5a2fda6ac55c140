import { defineConfig } from "vitest/config";

// Addresses in the built page are relative, so that it works under any prefix; the server gives the page itself the way
// to its assets (see headway.app.pages).
export default defineConfig({
  base: "./",
  build: {
    outDir: "../src/headway/web/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // a data: script would need a weaker Content-Security-Policy
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  test: {
    environment: "happy-dom",
    include: ["test/**/*.test.{ts,tsx}"],
  },
});
