import { ensurePackages } from "./ensure-packages.ts";
import { findFirefox } from "./find-firefox.ts";

/** A Firefox to test with, got now if need be. Throws with what to do when there is no way. */
export async function ensureFirefox(): Promise<string> {
  await ensurePackages(
    [{ debianName: "firefox-esr", isInstalled: async () => findFirefox() !== undefined }],
    { otherwise: "Or install Firefox in another way, or name it: PANAL_FIREFOX=/path/to/firefox npm test" },
  );
  return findFirefox()!;
}
