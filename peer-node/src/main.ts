#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { downloadCommand } from "./cli/download.ts";
import { EXIT, UsageError, exitCodeOf, sentenceOf } from "./cli/exit-codes.ts";
import { hashCommand } from "./cli/hash.ts";
import { lsCommand } from "./cli/ls.ts";
import { peersCommand } from "./cli/peers.ts";
import { searchCommand } from "./cli/search.ts";
import { shareCommand } from "./cli/share.ts";

const program = new Command("peer-node")
  .description("Share folders, and fetch files from every peer that has them.")
  .version(packageJson.version)
  .addHelpText("after", "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 130 interrupted.");
for (const createCommand of [
  shareCommand,
  searchCommand,
  downloadCommand,
  lsCommand,
  peersCommand,
  hashCommand,
]) {
  program.addCommand(createCommand());
}
// Instead of ending the process: so that exit codes are decided here alone.
for (const command of [program, ...program.commands]) command.exitOverride();

process.stdout.on("error", (error) => {
  // Whoever read has had enough, as `head` does.
  if ("code" in error && error.code === "EPIPE") process.exit(EXIT.done);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
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
