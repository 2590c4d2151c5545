import type { SeedDownloadsDeps } from "./seed-downloads.ts";
import { seedSetting } from "./seed-setting.ts";

/** What a page does that was told so on an earlier visit; the rest is fetched only then. */
export async function startSeedingIfWanted(transfers: SeedDownloadsDeps["transfers"]): Promise<void> {
  if (seedSetting().state() === "off") return;
  const { startSeeding } = await import("./seeding.ts");
  startSeeding(transfers);
}
