import { runCommand } from "./run-command.ts";
import { writeSettingsDocs } from "./settings-docs.ts";

// `npm run generate`: sdk/src/gen from proto/, by buf.gen.yaml, and the settings in docs/operating.md. Commit what it writes.
await writeSettingsDocs();
const { exitCode } = await runCommand(["buf", "generate"], { isShown: true });
process.exitCode = exitCode;
