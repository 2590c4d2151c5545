import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The tracker serves what is built here; in development its API is behind this server's `/api`. */
export default defineConfig({
  plugins: [react(), tailwindcss()],
  worker: { format: "es" },
  build: {
    target: "es2023",
    // Nothing inline: the tracker's content security policy forbids data: fonts and inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
  },
  server: {
    port: 7079,
    proxy: { "/api": "http://127.0.0.1:7070" },
  },
});
