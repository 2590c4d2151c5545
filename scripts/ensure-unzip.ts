import { ensurePackages } from "./ensure-packages.ts";
import { runCommand } from "./run-command.ts";

/** What reads the archives we make, got now if need be. Throws with what to do when there is no way. */
export async function ensureUnzip(): Promise<void> {
  await ensurePackages(
    [
      {
        debianName: "unzip",
        isInstalled: async () => (await runCommand(["unzip", "-v"])).exitCode === 0,
      },
    ],
    { otherwise: "Or install Info-ZIP's unzip" },
  );
}
