import { findProgram } from "./find-program.ts";

/** The Firefox to test with: the one PANAL_FIREFOX names (it must be there), else the first in PATH. */
export function findFirefox(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return findProgram({ names: ["firefox-esr", "firefox"], variable: "PANAL_FIREFOX", env });
}
