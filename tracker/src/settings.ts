import { PanalError } from "@panal/sdk";
import {
  DEFAULT_HEARTBEAT_SECONDS,
  DEFAULT_MAX_FILES_PER_PEER,
  DEFAULT_PORT,
  DEFAULT_VIA_SPEED_MIB,
  type TrackerOptions,
} from "./config.ts";

/** One thing an operator can choose. */
export interface Setting {
  /** Without the hyphens; the environment variable's name follows from it. */
  readonly flag: string;
  /** What stands for the value in `--help`. */
  readonly value: string;
  /** As a person reads it. */
  readonly default: string;
  readonly help: string;
  /** May be given several times; in the environment separated by commas. */
  readonly isRepeatable?: true;
  /** `name`: how the operator called it, for complaints. */
  apply(values: readonly string[], name: string): TrackerOptions;
}

/** All of them, in the order they are shown: what is here is in `--help`, in the environment and in docs/operating.md. */
export const SETTINGS: readonly Setting[] = [
  {
    flag: "role",
    value: "name",
    default: "tracker",
    help: "tracker; or gateway: only that, as a process of its own beside the tracker whose --data or --store it shares",
    apply: ([role]) => ({ role }),
  },
  {
    flag: "port",
    value: "number",
    default: String(DEFAULT_PORT),
    help: "port to listen at; 0: any",
    apply: ([value], name) => ({ port: toNumber(value, name) }),
  },
  {
    flag: "host",
    value: "address",
    default: "all interfaces",
    help: "address to listen at",
    apply: ([host]) => ({ host }),
  },
  {
    flag: "data",
    value: "folder",
    default: ".panal",
    help: "where its database is kept",
    apply: ([dataDir]) => ({ dataDir }),
  },
  {
    flag: "store",
    value: "url",
    default: "SQLite, in --data",
    help: "postgres://user@host/database: a PostgreSQL database instead, which several trackers may use at once; with a password better by the variable, since a command line is seen by all",
    apply: ([storeUrl]) => ({ storeUrl }),
  },
  {
    flag: "public-url",
    value: "url",
    default: "none",
    help: "where the world reaches it, when a proxy stands in front",
    apply: ([publicUrl]) => ({ publicUrl }),
  },
  {
    flag: "via-port",
    value: "number",
    default: "--port + 10",
    help: 'port of the gateway, through which clients reach peers they can\'t call themselves; 0: any, "off": none',
    apply: ([value], name) => ({ viaPort: value === "off" ? "off" : toNumber(value, name) }),
  },
  {
    flag: "via-url",
    value: "url",
    default: "none",
    help: "where the world reaches the gateway, when a proxy stands in front or it runs elsewhere; never the origin of the web app",
    apply: ([viaUrl]) => ({ viaUrl }),
  },
  {
    flag: "relay-port",
    value: "number",
    default: "--port + 11",
    help: 'port of the relay, where peers attach that nobody can call, and browser tabs that share; only beside a gateway of its own; 0: any, "off": none',
    apply: ([value], name) => ({ relayPort: value === "off" ? "off" : toNumber(value, name) }),
  },
  {
    flag: "relay-url",
    value: "url",
    default: "none",
    help: "where the world reaches the relay, when a proxy stands in front or another tracker with the same --store has it; never the origin of the web app, nor the gateway's",
    apply: ([relayUrl]) => ({ relayUrl }),
  },
  {
    flag: "via-speed",
    value: "MiB/s",
    default: String(DEFAULT_VIA_SPEED_MIB),
    help: "what one client may have through the gateway",
    apply: ([value], name) => ({ viaSpeedMib: toNumber(value, name) }),
  },
  {
    flag: "allow-host",
    value: "name",
    default: "none",
    help: "host name to answer to, besides IP addresses and localhost",
    isRepeatable: true,
    apply: (allowHosts) => ({ allowHosts }),
  },
  {
    flag: "allow-origin",
    value: "origin",
    default: "none",
    help: "origin whose pages may use the API and peers",
    isRepeatable: true,
    apply: (allowOrigins) => ({ allowOrigins }),
  },
  {
    flag: "trusted-proxy",
    value: "address",
    default: "none",
    help: "proxy whose X-Forwarded-For counts",
    isRepeatable: true,
    apply: (trustedProxies) => ({ trustedProxies }),
  },
  {
    flag: "dial-range",
    value: "network",
    default: "none",
    help: "network, such as 10.0.0.0/8, in which to check also peers that registered from another address",
    isRepeatable: true,
    apply: (dialRanges) => ({ dialRanges }),
  },
  {
    flag: "metrics-from",
    value: "address",
    default: "none",
    help: "address that may read /metrics, besides this machine's",
    isRepeatable: true,
    apply: (metricsFrom) => ({ metricsFrom }),
  },
  {
    flag: "limits",
    value: "factor",
    default: "1",
    help: "what an address or a lease may do, as a multiple of the limits in docs/operating.md; 0: anything",
    apply: ([value], name) => ({ limits: toNumber(value, name) }),
  },
  {
    flag: "max-files-per-peer",
    value: "number",
    default: String(DEFAULT_MAX_FILES_PER_PEER),
    help: "files one peer may announce",
    apply: ([value], name) => ({ maxFilesPerPeer: toNumber(value, name) }),
  },
  {
    flag: "heartbeat-seconds",
    value: "number",
    default: String(DEFAULT_HEARTBEAT_SECONDS),
    help: "how often peers say that they live",
    apply: ([value], name) => ({ heartbeatSeconds: toNumber(value, name) }),
  },
  {
    flag: "log-level",
    value: "level",
    default: "info",
    help: "least urgent lines to log: debug, info, warn, error or silent",
    apply: ([logLevel]) => ({ logLevel }),
  },
  {
    flag: "log-format",
    value: "format",
    default: "auto",
    help: "json, text for people, or auto: text on a terminal",
    apply: ([logFormat]) => ({ logFormat }),
  },
];

/** The variable that sets it where no flag does. */
export function environmentName({ flag }: Setting): string {
  return `PANAL_TRACKER_${flag.toUpperCase().replaceAll("-", "_")}`;
}

/** Its line in `--help`. */
export function helpLine(setting: Setting): string {
  const repeatable = setting.isRepeatable ? "; repeatable" : "";
  return `${setting.help} (default: ${setting.default}${repeatable}) [${environmentName(setting)}]`;
}

/** The table of docs/operating.md. */
export function settingsTable(): string {
  const rows = SETTINGS.map(
    (setting) =>
      `| \`--${setting.flag} <${setting.value}>\` | \`${environmentName(setting)}\` | ${setting.default} | ${setting.help}` +
      `${setting.isRepeatable ? " (repeatable)" : ""} |`,
  );
  return ["| flag | environment | default | what |", "|---|---|---|---|", ...rows].join("\n");
}

/**
 * What flags and environment say, flags first; an empty variable says nothing. `flags` are by name without hyphens.
 * Throws "invalid" where a number is none; the rest is parseConfig's business.
 */
export function readSettings(
  flags: (flag: string) => string | readonly string[] | undefined,
  env: Readonly<Record<string, string | undefined>>,
): TrackerOptions {
  const options: TrackerOptions = {};
  for (const setting of SETTINGS) {
    const given = flags(setting.flag);
    const variable = environmentName(setting);
    const fromEnv = env[variable] ?? "";
    if (given !== undefined) {
      Object.assign(options, setting.apply(typeof given === "string" ? [given] : given, `--${setting.flag}`));
    } else if (fromEnv !== "") {
      const values = setting.isRepeatable ? fromEnv.split(",").map((value) => value.trim()) : [fromEnv];
      Object.assign(options, setting.apply(values, variable));
    }
  }
  return options;
}

/** A complaint about a flag nobody gave, about the variable that stands for it. */
export function nameVariable(
  message: string,
  flags: (flag: string) => unknown,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const setting = SETTINGS.find(({ flag }) => message.startsWith(`--${flag}:`));
  if (setting === undefined || flags(setting.flag) !== undefined) return message;
  const variable = environmentName(setting);
  return (env[variable] ?? "") === "" ? message : `${variable}${message.slice(setting.flag.length + 2)}`;
}

function toNumber(text: string | undefined, name: string): number {
  const value = Number(text);
  if (text === undefined || text.trim() === "" || Number.isNaN(value)) {
    throw new PanalError("invalid", `${name}: expected a number, got ${JSON.stringify(text)}`);
  }
  return value;
}
