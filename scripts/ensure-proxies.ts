import { ensurePackages } from "./ensure-packages.ts";
import { findCaddy, findNginx } from "./find-proxies.ts";
import { runCommand } from "./run-command.ts";

const SERVERS = [
  { debianName: "caddy", find: findCaddy },
  { debianName: "nginx", find: findNginx },
];

/**
 * Caddy and nginx to test with, and what Caddy's health check calls, got now if need be; as environment variables. Throws
 * with what to do when there is no way.
 */
export async function ensureProxies(): Promise<{ PANAL_CADDY: string; PANAL_NGINX: string }> {
  const absent = SERVERS.filter(({ find }) => find() === undefined);
  await ensurePackages(
    [
      ...SERVERS.map(({ debianName, find }) => ({
        debianName,
        isInstalled: async () => find() !== undefined,
      })),
      {
        debianName: "wget",
        isInstalled: async () => (await runCommand(["wget", "--version"])).exitCode === 0,
      },
    ],
    { otherwise: "Or name them: PANAL_CADDY=/path/to/caddy PANAL_NGINX=/path/to/nginx npm test" },
  );
  // Debian starts web servers with them, at port 80, that nobody has asked for.
  for (const { debianName } of absent) await runCommand(["systemctl", "disable", "--now", debianName]);
  return { PANAL_CADDY: findCaddy()!, PANAL_NGINX: findNginx()! };
}
