import { Command, InvalidArgumentError, Option } from "commander";
import { PanalError } from "@panal/sdk";
import { resolveShareRoot } from "../library/share-root.ts";
import type { RelayMode } from "../relay/relay-link.ts";
import { DEFAULT_PEER_PORT, type RunningPeer, startPeer } from "../start-peer.ts";
import { DEFAULT_UPLOAD_QUOTA } from "../uploads/peer-uploads.ts";
import { DEFAULT_MAX_CLIENTS } from "../server/serving-places.ts";
import { UsageError } from "./exit-codes.ts";
import { collect, parsePort, trackerOption } from "./options.ts";
import { parseQuota, parseRate } from "./rate.ts";
import { qrText, uploadLines, uploadLink } from "./upload-invitation.ts";
import { type ShareReport, createShareReport } from "./share-report.ts";

const TICK_MS = 200;

interface ShareOptions {
  tracker: string;
  port: number;
  host?: string;
  name?: string;
  state?: string;
  advertise: string[];
  allowHost: string[];
  allowOrigin: string[];
  tlsCert?: string;
  tlsKey?: string;
  hidden?: boolean;
  maxUploadRate?: number;
  maxClients: number;
  allowUploads?: boolean;
  inbox?: string;
  uploadQuota: number;
  uploadOpen?: boolean;
  /** Undefined: when it is needed. */
  relay?: boolean;
}

/** `peer-node share <folder>` */
export function shareCommand(): Command {
  return new Command("share")
    .description("share a folder until it is stopped (Ctrl-C)")
    .argument("<folder>", "what to share, with everything below; hidden files and links are left out")
    .addOption(trackerOption())
    .option("--port <n>", "port to serve at; 0 takes a free one", parsePort, DEFAULT_PEER_PORT)
    .option("--host <address>", "serve at this address only; default: all interfaces")
    .option("--name <text>", "what people see; default: the name of this machine")
    .option("--state <dir>", "where the index and the peer's secret are kept; default: a folder of yours")
    .option(
      "--advertise <url>",
      "announce this base URL instead of the interfaces' (repeatable)",
      collect,
      [],
    )
    .option("--allow-host <name>", "a host name under which it may be reached (repeatable)", collect, [])
    .option("--allow-origin <origin>", "a web origin that may read from it (repeatable)", collect, [])
    .option("--tls-cert <file>", "certificate (PEM): the port then speaks TLS, too")
    .option("--tls-key <file>", "its key (PEM)")
    .option(
      "--max-upload-rate <rate>",
      "bytes per second for all clients together, as in 500K, 20M; default: no limit",
      parseRate,
    )
    .option(
      "--max-clients <n>",
      "how many downloads are served at once; others are told to come back",
      parseMaxClients,
      DEFAULT_MAX_CLIENTS,
    )
    .option("--allow-uploads", "take files from others who have the upload code, which it prints")
    .option("--inbox <dir>", "with --allow-uploads: where they go; default: the folder inbox in the share")
    .addOption(
      new Option(
        "--upload-quota <bytes>",
        "with --allow-uploads: what an address may send in a day, as in 500M, 50G",
      )
        .argParser(parseQuota)
        .default(DEFAULT_UPLOAD_QUOTA, "50G"),
    )
    .option("--upload-open", "with --allow-uploads: everybody who reaches this peer may, without a code")
    .option("--relay", "let clients reach it through the tracker; without, when the tracker can't call it")
    .option("--no-relay", "never")
    .option("--hidden", "share files and folders whose names begin with a dot, too")
    .action((folder: string, options: ShareOptions, command: Command) => {
      if (!options.allowUploads) {
        const lonely = ["inbox", "uploadQuota", "uploadOpen"].find(
          (name) => command.getOptionValueSource(name) === "cli",
        );
        if (lonely !== undefined) {
          throw new UsageError("--inbox, --upload-quota and --upload-open go with --allow-uploads");
        }
      }
      return share(folder, options);
    });
}

async function share(folder: string, options: ShareOptions): Promise<void> {
  const { tlsCert, tlsKey } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new UsageError("--tls-cert and --tls-key go together");
  }
  // A folder that can't be shared is a wrong argument, whatever is wrong with it.
  await resolveShareRoot(folder).catch((error: unknown) => {
    throw new UsageError(PanalError.from(error).message, { cause: error });
  });
  const report = createShareReport(terminalScreen());
  /** Once there is a page to which it leads. */
  let showLink = (_peerId: string) => {};
  const peer = await startPeer({
    folder,
    trackerUrl: options.tracker,
    port: options.port,
    host: options.host,
    name: options.name,
    state: options.state,
    advertise: options.advertise,
    allowHosts: options.allowHost,
    allowOrigins: options.allowOrigin,
    tls: tlsCert === undefined || tlsKey === undefined ? undefined : { certFile: tlsCert, keyFile: tlsKey },
    includeHidden: options.hidden === true,
    maxUploadRate: options.maxUploadRate,
    maxClients: options.maxClients,
    relay: relayModeOf(options.relay),
    uploads: options.allowUploads
      ? {
          inbox: options.inbox,
          quotaBytes: options.uploadQuota,
          isOpen: options.uploadOpen === true,
        }
      : undefined,
    onEvent(event) {
      report.event(event);
      if (event.type === "tracker" && event.state.type === "registered") showLink(event.state.peerId);
    },
  });
  report.line(`Sharing ${peer.root} as ${peer.name} at ${peer.url}`);
  for (const url of peer.urls) report.line(`  ${url}`);
  report.line(`Tracker: ${options.tracker}`);
  if (tlsCert !== undefined && options.advertise.length === 0) {
    report.line("Clients check the certificate: say which name is in it with --advertise https://name:port.");
  }
  if (peer.uploads !== undefined) {
    for (const line of uploadLines(peer.uploads, peer.urls[0] ?? peer.url)) report.line(line);
    const { code } = peer.uploads;
    if (code !== undefined) {
      showLink = (peerId) => {
        const link = uploadLink({ trackerUrl: options.tracker, peerId, code });
        report.line(`Upload link: ${link}`);
        if (process.stdout.isTTY) process.stdout.write(`${qrText(link)}\n`);
      };
      if (peer.peerId() !== "") showLink(peer.peerId());
    }
  }
  const timer = setInterval(() => report.tick(peer.status()), TICK_MS);
  await stopSignal();
  clearInterval(timer);
  report.end();
  await stop(peer, report);
}

async function stop(peer: RunningPeer, report: ShareReport): Promise<void> {
  report.line("Stopping; what is being sent may end. Once more, and it stops at once.");
  // Nobody waits for a second signal in vain.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  await peer.close();
  // A timer or a thread somebody forgot must not keep it alive.
  process.exit(0);
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

function terminalScreen() {
  const { stderr } = process;
  return {
    line: (text: string) => console.log(text),
    get columns() {
      return stderr.isTTY ? stderr.columns : undefined;
    },
    // Back to the first column, and away with what is there.
    redraw: (text: string) => stderr.isTTY && stderr.write(`\r\u001b[K${text}`),
    now: () => performance.now(),
  };
}

function relayModeOf(relay: boolean | undefined): RelayMode {
  if (relay === undefined) return "auto";
  return relay ? "always" : "never";
}

function parseMaxClients(text: string): number {
  const max = Number(text);
  if (!/^\d{1,4}$/.test(text) || max < 1) throw new InvalidArgumentError("expected 1 to 9999");
  return max;
}
