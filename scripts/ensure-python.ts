import { ensurePackages } from "./ensure-packages.ts";
import { findPython } from "./find-python.ts";
import { runCommand } from "./run-command.ts";

/** What others' clients are tested with, and the packages that have it. */
const MODULES = [
  { name: "grpc", debianName: "python3-grpcio" },
  { name: "libtorrent", debianName: "python3-libtorrent" },
];

/** A Python with others' gRPC and BitTorrent, got now if need be. Throws with what to do when there is no way. */
export async function ensurePython(): Promise<string> {
  const python = findPython();
  await ensurePackages(
    MODULES.map(({ name, debianName }) => ({
      debianName,
      isInstalled: async () => (await runCommand([python, "-c", `import ${name}`])).exitCode === 0,
    })),
    { otherwise: "Or name a Python that has its modules: PANAL_PYTHON=/path/to/python3 npm test" },
  );
  return python;
}
