#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";
import { PanalError } from "@panal/sdk";
import { Command, Option } from "commander";
import { backUp } from "./backup.ts";
import { type TrackerOptions, parseConfig } from "./config.ts";
import { startGatewayProcess } from "./gateway/gateway-process.ts";
import { startTracker } from "./server.ts";
import { SETTINGS, type Setting, helpLine, nameVariable, readSettings } from "./settings.ts";

/**
 * Of each heap, by how much it grows before it is cleared away, while lists come in: by itself V8 lets it grow to several times
 * what is used of it if the machine has memory, and half of the memory was garbage. At other times that would be a tenth of what a
 * search costs, for nothing.
 */
const BULK_GROWTH_PERCENT = 30;

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

const program = new Command("panal-tracker")
  .description(
    "The index of peers and files, and the web app. Each setting may also come from the environment variable beside it.",
  )
  .allowExcessArguments(false)
  .configureOutput({
    outputError: (text, write) => write(text.replace(/^error: /, "panal-tracker: ")),
  })
  .showHelpAfterError("panal-tracker --help shows what there is.")
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
  })
  .action(run);
program
  .command("backup <file>")
  .description(
    "Copies the database in the folder given with --data into a new file, also while the tracker runs. To restore: put it as" +
      " tracker.db into an empty folder.",
  )
  .action(async (file: string) => {
    const { dataDir, storeUrl } = parseConfig(givenOptions());
    if (storeUrl !== undefined) {
      throw new PanalError(
        "invalid",
        "backup: with --store the database is PostgreSQL's, whose own pg_dump copies it while trackers run: see docs/operating.md",
      );
    }
    await backUp({ dataDir, file });
    console.log(file);
  });
for (const setting of SETTINGS) program.addOption(optionOf(setting));

function optionOf(setting: Setting): Option {
  const option = new Option(`--${setting.flag} <${setting.value}>`, helpLine(setting));
  return setting.isRepeatable ? option.argParser(collect) : option;
}

/** What flags and environment say. */
function givenOptions(): TrackerOptions {
  return readSettings(givenFlag, process.env);
}

function givenFlag(flag: string): string | readonly string[] | undefined {
  const option = program.options.find((each) => each.name() === flag);
  if (option === undefined) return undefined;
  return program.opts<Record<string, string | readonly string[] | undefined>>()[option.attributeName()];
}

async function run(): Promise<void> {
  const options = givenOptions();
  const isGateway = parseConfig(options).role === "gateway";
  const tracker = await (isGateway
    ? startGatewayProcess(options)
    : startTracker(options, { onBulk: boundHeaps }));
  let isStopping = false;
  const stop = () => {
    // A second signal means now.
    if (isStopping) process.exit(EXIT_FAILED);
    isStopping = true;
    tracker.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  console.log(`Panal ${isGateway ? "gateway" : "tracker"} ready at ${tracker.urls.join("  ")}`);
}

function boundHeaps(isBulk: boolean): void {
  // 0: as V8 sees fit.
  setFlagsFromString(`--heap-growing-percent=${isBulk ? BULK_GROWTH_PERCENT : 0}`);
}

function fail(error: unknown): never {
  const { code, message } = PanalError.from(error);
  console.error(`panal-tracker: ${nameVariable(message, givenFlag, process.env)}`);
  process.exit(code === "invalid" ? EXIT_USAGE : EXIT_FAILED);
}

await program.parseAsync().catch(fail);
