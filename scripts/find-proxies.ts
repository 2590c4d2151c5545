import { findProgram } from "./find-program.ts";

/** The Caddy to test with: the one PANAL_CADDY names, else the first in PATH. */
export function findCaddy(): string | undefined {
  return findProgram({ names: ["caddy"], variable: "PANAL_CADDY" });
}

/** The nginx to test with: the one PANAL_NGINX names, else the first in PATH. */
export function findNginx(): string | undefined {
  return findProgram({ names: ["nginx"], variable: "PANAL_NGINX" });
}
