/** The Python to test with: the one PANAL_PYTHON names, else the system's own, for which Debian has packages. */
export function findPython(env: NodeJS.ProcessEnv = process.env): string {
  const named = env["PANAL_PYTHON"];
  return named === undefined || named === "" ? "/usr/bin/python3" : named;
}
