import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { serviceWorker } from "./build-service-worker.ts";
import { compressAssets } from "./compress-assets.ts";
import { fileOfFirstView, preloadFirstView } from "./first-view.ts";

/** The tracker serves what is built here; in development its API is behind this server's `/api`. */
export default defineConfig({
  plugins: [react(), tailwindcss(), preloadFirstView(), serviceWorker(), compressAssets()],
  worker: { format: "es" },
  build: {
    target: "es2023",
    // Nothing inline: the tracker's content security policy forbids data: fonts and inline scripts.
    assetsInlineLimit: 0,
    // Which file needs which: scripts/web-size.ts counts by it. The tracker serves nothing hidden.
    manifest: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: fileOfFirstView, debugName: "first view" },
            {
              name: "shared",
              test: /web\/src\/(app|ui)\/|lucide-react|sdk\/src\/(content|tracker|errors)|@tanstack/,
              minShareCount: 3,
            },
          ],
        },
      },
    },
    // `npm run check` has its own limit, for what a first visit fetches.
    chunkSizeWarningLimit: 800,
  },
  server: {
    port: 7079,
    proxy: { "/api": "http://127.0.0.1:7070" },
  },
});
