import { ensurePackages } from "./ensure-packages.ts";
import { findCaddy } from "./find-caddy.ts";
import { runCommand } from "./run-command.ts";

/** A Caddy to test with, and what its health check calls, got now if need be. Throws with what to do when there is no way. */
export async function ensureCaddy(): Promise<string> {
  const wasThere = findCaddy() !== undefined;
  await ensurePackages(
    [
      { debianName: "caddy", isInstalled: async () => findCaddy() !== undefined },
      {
        debianName: "wget",
        isInstalled: async () => (await runCommand(["wget", "--version"])).exitCode === 0,
      },
    ],
    { otherwise: "Or install Caddy in another way, or name it: PANAL_CADDY=/path/to/caddy npm test" },
  );
  // Debian starts a web server of its own with it, at port 80, that nobody has asked for.
  if (!wasThere) await runCommand(["systemctl", "disable", "--now", "caddy"]);
  return findCaddy()!;
}
