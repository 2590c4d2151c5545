import { runCommand } from "./run-command.ts";

// `npm run generate`: sdk/src/gen from proto/, by buf.gen.yaml. Commit what it writes.
const { exitCode } = await runCommand(["buf", "generate"], { isShown: true });
process.exitCode = exitCode;
