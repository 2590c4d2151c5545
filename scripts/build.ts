import { buildCommandLine } from "./command-line.ts";
import { buildWebApp, isWebAppStale } from "./web-app.ts";

/** `npm run build [-- --if-stale]`: the command line, into peer-node/dist, and the web app, into web/dist. */
async function main(args: readonly string[]): Promise<number> {
  const unknown = args.filter((arg) => arg !== "--if-stale");
  if (unknown.length > 0) {
    console.error(`unknown: ${unknown.join(" ")}\nusage: npm run build [-- --if-stale]`);
    return 2;
  }
  await buildCommandLine();
  if (args.includes("--if-stale") && !(await isWebAppStale())) return 0;
  const { exitCode } = await buildWebApp({ isShown: true });
  return exitCode;
}

process.exitCode = await main(process.argv.slice(2));
