import { restoreManifest } from "./published-manifest.ts";

await restoreManifest();
