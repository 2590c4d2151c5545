import { Command, CommanderError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { EXIT, UsageError, exitCodeOf, sentenceOf } from "./cli/exit-codes.ts";

/** Each is loaded when it is asked for: a command shouldn't wait for what others need. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  share: async () => (await import("./cli/share.ts")).shareCommand(),
  search: async () => (await import("./cli/search.ts")).searchCommand(),
  download: async () => (await import("./cli/download.ts")).downloadCommand(),
  upload: async () => (await import("./cli/upload.ts")).uploadCommand(),
  ls: async () => (await import("./cli/ls.ts")).lsCommand(),
  peers: async () => (await import("./cli/peers.ts")).peersCommand(),
  hash: async () => (await import("./cli/hash.ts")).hashCommand(),
};

/** Runs the command line of this process and sets its exit code. */
async function runProgram(): Promise<void> {
  process.stdout.on("error", (error) => {
    // Whoever read has had enough, as `head` does.
    if ("code" in error && error.code === "EPIPE") process.exit(EXIT.done);
    throw error;
  });
  try {
    await (await createProgram(process.argv[2])).parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** With the one command that is named, or with all of them when none is: for the help, or the error. */
async function createProgram(name: string | undefined): Promise<Command> {
  const program = new Command("peer-node")
    .description("Share folders, and fetch files from every peer that has them.")
    .version(packageJson.version)
    .addHelpText("after", "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 130 interrupted.");
  const named = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  for (const load of named === undefined ? Object.values(COMMANDS) : [named]) {
    program.addCommand(await load());
  }
  // Instead of ending the process: so that exit codes are decided here alone.
  for (const command of [program, ...program.commands]) command.exitOverride();
  return program;
}

function report(error: unknown): number {
  // Commander has printed its own message already; --help and --version end with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const code = exitCodeOf(error);
  if (code === EXIT.interrupted) return code;
  // A list of choices has lines of its own, made safe where it was made.
  console.error(`peer-node: ${error instanceof UsageError ? error.message : sentenceOf(error)}`);
  return code;
}

await runProgram();
