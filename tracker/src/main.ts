#!/usr/bin/env node
import { PanalError } from "@panal/sdk";
import { Command, InvalidArgumentError } from "commander";
import { DEFAULT_HEARTBEAT_SECONDS, DEFAULT_PORT } from "./config.ts";
import { startTracker } from "./server.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw new InvalidArgumentError("expected a number");
  return value;
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

interface Flags {
  port: number;
  host?: string;
  data: string;
  publicUrl?: string;
  allowHost: readonly string[];
  allowOrigin: readonly string[];
  trustedProxy: readonly string[];
  heartbeatSeconds: number;
}

const program = new Command("panal-tracker")
  .description("The index of peers and files, and the web app.")
  .option("--port <number>", "port to listen at; 0: any", number, DEFAULT_PORT)
  .option("--host <address>", "address to listen at (default: all interfaces)")
  .option("--data <folder>", "where its database is kept", ".panal")
  .option("--public-url <url>", "where the world reaches it, when a proxy stands in front")
  .option(
    "--allow-host <name>",
    "host name to answer to, besides IP addresses and localhost (repeatable)",
    collect,
    [],
  )
  .option("--allow-origin <origin>", "origin whose pages may use the API and peers (repeatable)", collect, [])
  .option("--trusted-proxy <address>", "proxy whose X-Forwarded-For counts (repeatable)", collect, [])
  .option(
    "--heartbeat-seconds <number>",
    "how often peers say that they live",
    number,
    DEFAULT_HEARTBEAT_SECONDS,
  )
  .allowExcessArguments(false)
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
  })
  .action(run);

async function run(flags: Flags): Promise<void> {
  const { data, allowHost, allowOrigin, trustedProxy, ...rest } = flags;
  const tracker = await startTracker({
    ...rest,
    dataDir: data,
    allowHosts: allowHost,
    allowOrigins: allowOrigin,
    trustedProxies: trustedProxy,
  });
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
  console.log(`Panal tracker ready at ${tracker.urls.join("  ")}`);
}

function fail(error: unknown): never {
  const { code, message } = PanalError.from(error);
  console.error(`panal-tracker: ${message}`);
  process.exit(code === "invalid" ? EXIT_USAGE : EXIT_FAILED);
}

await program.parseAsync().catch(fail);
