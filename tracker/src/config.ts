import { BlockList, isIPv6 } from "node:net";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { PanalError } from "@panal/sdk";
import { parseAddress } from "./addresses.ts";
import { LOG_LEVELS, type Log, type LogLevel, createLog } from "./log.ts";
import { createMachineAddresses } from "./machine-addresses.ts";
import { type PeerNetwork, createPeerNetwork } from "./peer-network.ts";
import { createSteadyNow } from "./steady-now.ts";

/** How a tracker is to run; what is left out has a default. */
export interface TrackerOptions {
  /** "tracker", by default with a gateway in it; or "gateway" alone, beside the tracker whose --data or --store it shares. */
  role?: string | undefined;
  /** 0: one the system chooses. Default 7070. */
  port?: number | undefined;
  /** The address to listen at; default all interfaces. */
  host?: string | undefined;
  /** The folder of its database; default `.panal` in the current one. ":memory:" keeps nothing. */
  dataDir?: string | undefined;
  /** A PostgreSQL database instead: `postgres://...`. It may hold a password, so it is in no message. */
  storeUrl?: string | undefined;
  /** Where the world reaches it, when a proxy stands in front: `scheme://host[:port]`. */
  publicUrl?: string | undefined;
  /** Where the gateway listens; "off": no gateway. 0: one the system chooses. Default ten above the port, or any that is free. */
  viaPort?: number | "off" | undefined;
  /** Where the world reaches the gateway, when a proxy stands in front or it runs elsewhere: `scheme://host[:port]`. */
  viaUrl?: string | undefined;
  /** Where peers attach that can't be called; "off": no relay. 0: one the system chooses. Default eleven above the port, or any that is free. */
  relayPort?: number | "off" | undefined;
  /** Where the world reaches the relay, when a proxy stands in front, or another tracker of the same database has it: `scheme://host[:port]`. */
  relayUrl?: string | undefined;
  /** What a client may have through the gateway, in MiB per second. Default 64. */
  viaSpeedMib?: number | undefined;
  /** Host names, besides IP addresses and localhost, it answers to. */
  allowHosts?: readonly string[] | undefined;
  /** Origins, besides its own, whose pages may use its API and read from peers. */
  allowOrigins?: readonly string[] | undefined;
  /** Addresses of proxies whose X-Forwarded-For counts. */
  trustedProxies?: readonly string[] | undefined;
  /** Networks (`10.0.0.0/8`) in which the tracker may call peers that registered from elsewhere. */
  dialRanges?: readonly string[] | undefined;
  /** Addresses, besides this machine's, that may read /metrics. */
  metricsFrom?: readonly string[] | undefined;
  /** What an address or a lease may do, as a multiple of the defaults; 0: anything. Default 1. */
  limits?: number | undefined;
  /** Files one peer may announce. Default 5 000 000. */
  maxFilesPerPeer?: number | undefined;
  /** How often peers are to say that they live. Default 10. */
  heartbeatSeconds?: number | undefined;
  /** The built web app; default web/dist of this repository. */
  webDir?: string | undefined;
  /** The least urgent lines to log: "debug", "info", "warn", "error" or "silent". Default "info". */
  logLevel?: string | undefined;
  /** "json", "text" for people, or "auto": text when stderr is a terminal. Default "auto". */
  logFormat?: string | undefined;
  /** Takes the lines of the log; default stderr. */
  log?: ((line: string) => void) | undefined;
  /** Milliseconds since 1970, never backwards; default `createSteadyNow()`. */
  now?: (() => number) | undefined;
  /** Reads back nonces; default the machine's. */
  peerNetwork?: PeerNetwork | undefined;
  /** Of this machine's interfaces, for tests. */
  interfaceAddresses?: (() => readonly string[]) | undefined;
}

export interface TrackerConfig {
  readonly role: "tracker" | "gateway";
  readonly port: number;
  readonly host: string | undefined;
  readonly dataDir: string;
  /** Secret. */
  readonly storeUrl: string | undefined;
  readonly publicUrl: string | undefined;
  /** Undefined: no gateway here. */
  readonly viaPort: ListenPort | undefined;
  readonly viaUrl: string | undefined;
  /** Undefined: no relay here. */
  readonly relayPort: ListenPort | undefined;
  readonly relayUrl: string | undefined;
  readonly viaBytesPerSecond: number;
  readonly allowHosts: ReadonlySet<string>;
  readonly allowOrigins: ReadonlySet<string>;
  readonly trustedProxies: ReadonlySet<string>;
  readonly dialRanges: BlockList;
  readonly metricsFrom: ReadonlySet<string>;
  readonly limits: number;
  readonly maxFilesPerPeer: number;
  readonly heartbeatSeconds: number;
  readonly webDir: string;
  readonly log: Log;
  readonly now: () => number;
  readonly peerNetwork: PeerNetwork;
  readonly interfaceAddresses: () => readonly string[];
}

/** `isChosen`: nothing else will do. */
export interface ListenPort {
  readonly port: number;
  readonly isChosen: boolean;
}

export const DEFAULT_PORT = 7070;
/** The gateway's and the relay's ports are so far from the tracker's, unless somebody chose others. */
const PORT_DISTANCES = { "via-port": 10, "relay-port": 11 } as const;
const MAX_PORT = 65_535;
/** Half of what a gigabit line carries, for one client. */
export const DEFAULT_VIA_SPEED_MIB = 64;
/** Gone after two and a half of these: soon enough for whoever looks for a source, seldom enough for ten thousand peers. */
export const DEFAULT_HEARTBEAT_SECONDS = 10;
/** More than anybody's disk; at some 300 bytes each, what one stranger may make a tracker store. */
export const DEFAULT_MAX_FILES_PER_PEER = 5_000_000;

/** Fills in and checks what somebody chose. Throws "invalid", naming the setting. */
export function parseConfig(options: TrackerOptions = {}): TrackerConfig {
  const { port = DEFAULT_PORT, heartbeatSeconds = DEFAULT_HEARTBEAT_SECONDS, host } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw invalid("port", port, "a number from 0 to 65535");
  if (!(heartbeatSeconds >= 0.1 && heartbeatSeconds <= 3600)) {
    throw invalid("heartbeat-seconds", heartbeatSeconds, "0.1 to 3600");
  }
  const { limits = 1, maxFilesPerPeer = DEFAULT_MAX_FILES_PER_PEER } = options;
  if (!(limits >= 0 && limits <= 1e6)) throw invalid("limits", limits, "0 to 1000000");
  if (!Number.isSafeInteger(maxFilesPerPeer) || maxFilesPerPeer < 1)
    throw invalid("max-files-per-peer", maxFilesPerPeer, "a whole number above 0");
  const { viaSpeedMib = DEFAULT_VIA_SPEED_MIB } = options;
  if (!(viaSpeedMib >= 0.01 && viaSpeedMib <= 1e6))
    throw invalid("via-speed", viaSpeedMib, "0.01 to 1000000");
  const role = parseRole(options.role ?? "tracker");
  const hasRelay = options.relayPort !== "off" && options.viaPort !== "off";
  // Beside another tracker of the same database.
  const isElsewhere = options.relayPort === "off" && options.storeUrl !== undefined;
  if (role === "tracker" && options.relayUrl !== undefined && !hasRelay && !isElsewhere) {
    throw new PanalError(
      "invalid",
      "--relay-url: there is no relay here: it runs in the same process as a gateway, so neither --relay-port nor --via-port may be off; " +
        "only of several trackers with one --store all but one have none",
    );
  }
  const now = options.now ?? createSteadyNow();
  return {
    role,
    port,
    host: host === undefined || host === "" ? undefined : parseListenHost(host),
    dataDir: options.dataDir === ":memory:" ? ":memory:" : resolve(options.dataDir ?? ".panal"),
    storeUrl: options.storeUrl === undefined ? undefined : parseStoreUrl(options.storeUrl),
    publicUrl: options.publicUrl === undefined ? undefined : parseOrigin("public-url", options.publicUrl),
    viaPort: parseListenPort("via-port", options.viaPort, port),
    viaUrl: options.viaUrl === undefined ? undefined : parseOrigin("via-url", options.viaUrl),
    relayPort: parseListenPort("relay-port", options.relayPort, port),
    relayUrl: options.relayUrl === undefined ? undefined : parseOrigin("relay-url", options.relayUrl),
    viaBytesPerSecond: viaSpeedMib * 1024 * 1024,
    allowHosts: new Set((options.allowHosts ?? []).map(parseHostName)),
    allowOrigins: new Set((options.allowOrigins ?? []).map((origin) => parseOrigin("allow-origin", origin))),
    trustedProxies: new Set((options.trustedProxies ?? []).map((text) => parseIp("trusted-proxy", text))),
    dialRanges: parseRanges("dial-range", options.dialRanges ?? []),
    metricsFrom: new Set((options.metricsFrom ?? []).map((text) => parseIp("metrics-from", text))),
    limits,
    maxFilesPerPeer,
    heartbeatSeconds,
    webDir: resolve(options.webDir ?? fileURLToPath(new URL("../../web/dist", import.meta.url))),
    log: createLog({
      level: parseLogLevel(options.logLevel ?? "info"),
      isReadable: isLogReadable(options.logFormat ?? "auto"),
      now,
      write: options.log,
    }),
    now,
    peerNetwork: options.peerNetwork ?? createPeerNetwork(),
    interfaceAddresses: options.interfaceAddresses ?? createMachineAddresses(now),
  };
}

function parseRole(text: string): TrackerConfig["role"] {
  if (text === "tracker" || text === "gateway") return text;
  throw invalid("role", text, "tracker or gateway");
}

function parseListenPort(
  setting: keyof typeof PORT_DISTANCES,
  given: number | "off" | undefined,
  port: number,
): ListenPort | undefined {
  if (given === "off") return undefined;
  if (given === undefined) {
    const next = port + PORT_DISTANCES[setting];
    return { port: port === 0 || next > MAX_PORT ? 0 : next, isChosen: false };
  }
  if (!Number.isInteger(given) || given < 0 || given > MAX_PORT)
    throw invalid(setting, given, 'a number from 0 to 65535, or "off"');
  return { port: given, isChosen: true };
}

/** An address in one spelling, but with its zone; or a name. */
function parseListenHost(text: string): string {
  const host = text.replace(/^\[(.*)\]$/, "$1");
  return host.includes("%") ? host : (parseAddress(host) ?? host);
}

function parseOrigin(setting: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (url === undefined || !isHttp || url.origin !== text.replace(/\/$/, "").toLowerCase()) {
    throw invalid(setting, text, "scheme://host[:port]");
  }
  return url.origin;
}

function parseStoreUrl(text: string): string {
  if (/^postgres(ql)?:\/\/./.test(text)) return text;
  throw new PanalError(
    "invalid",
    "--store: expected postgres://user:password@host/database (what was given isn't shown, since it may hold a password)",
  );
}

function parseHostName(text: string): string {
  const name = text.toLowerCase();
  if (!/^[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9])?$/.test(name))
    throw invalid("allow-host", text, "a host name without port");
  return name;
}

function parseIp(setting: string, text: string): string {
  const address = parseAddress(text);
  if (address === undefined) throw invalid(setting, text, "an IP address");
  return address;
}

function parseRanges(setting: string, texts: readonly string[]): BlockList {
  const ranges = new BlockList();
  for (const text of texts) {
    const [, network = "", bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
    const address = parseAddress(network);
    if (address === undefined) throw invalid(setting, text, "a network such as 10.0.0.0/8, or an IP address");
    const longest = isIPv6(address) ? 128 : 32;
    const prefix = bits === undefined ? longest : Number(bits);
    if (prefix > longest) throw invalid(setting, text, `at most ${longest} bits after the slash`);
    ranges.addSubnet(address, prefix, longest === 128 ? "ipv6" : "ipv4");
  }
  return ranges;
}

function parseLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (level === undefined) throw invalid("log-level", text, LOG_LEVELS.join(", "));
  return level;
}

function isLogReadable(format: string): boolean {
  switch (format) {
    case "auto":
      return process.stderr.isTTY;
    case "json":
    case "text":
      return format === "text";
    default:
      throw invalid("log-format", format, "json, text or auto");
  }
}

function invalid(setting: string, value: unknown, expected: string): PanalError {
  return new PanalError("invalid", `--${setting}: expected ${expected}, got ${JSON.stringify(value)}`);
}
