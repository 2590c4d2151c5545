import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT } from "../../scripts/run-command.ts";

/** What docker-compose.yml says of one service, as far as it matters without containers, too. */
export interface ComposeService {
  readonly name: string;
  /** A stage of the Dockerfile; undefined: somebody else's image. */
  readonly target: string | undefined;
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly ComposeVolume[];
  /** Empty: what the image says. */
  readonly healthCheck: readonly string[];
  /** Those that must be healthy before it starts. */
  readonly dependsOn: readonly string[];
  /** Ports of its own that the host leads to, by the host's. */
  readonly published: ReadonlyMap<number, number>;
  /** Its fixed addresses. */
  readonly addresses: readonly string[];
  readonly isOnHostNetwork: boolean;
  /** All that is said. */
  readonly all: Readonly<Record<string, unknown>>;
}

export interface ComposeVolume {
  /** A path relative to the repository, an absolute one, or a volume's name. */
  readonly source: string;
  readonly target: string;
}

/** docker-compose.yml with these variables. Throws when one is missing that must be given, and for what it doesn't know. */
export async function readComposeFile(
  env: Readonly<Record<string, string>>,
): Promise<readonly ComposeService[]> {
  const text = await readFile(join(ROOT, "docker-compose.yml"), "utf8");
  const file: unknown = parse(
    text,
    (_key, value: unknown) => (typeof value === "string" ? interpolate(value, env) : value),
    { merge: true },
  );
  return Object.entries(record(record(file)["services"])).map(([name, service]) =>
    serviceFrom(name, record(service)),
  );
}

/** `${NAME:-default}` and `${NAME:?what is wrong without}`; an empty variable is none. */
function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind = "-", words = "") => {
    const value = env[name] ?? "";
    if (value !== "") return value;
    if (kind === "?") throw new Error(`${name}: ${String(words)}`);
    return String(words);
  });
}

function serviceFrom(name: string, all: Record<string, unknown>): ComposeService {
  const networks = Object.values(Array.isArray(all["networks"]) ? {} : record(all["networks"] ?? {}));
  const dependsOn = Object.entries(record(all["depends_on"] ?? {}));
  for (const [other, how] of dependsOn) {
    if (record(how)["condition"] !== "service_healthy")
      throw new Error(`${name}: doesn't wait until ${other} is healthy`);
  }
  const test = strings(record(all["healthcheck"] ?? {})["test"] ?? []);
  if (test.length > 0 && test[0] !== "CMD") throw new Error(`${name}: a health check is ["CMD", ...]`);
  return {
    name,
    target: all["build"] === undefined ? undefined : String(record(all["build"])["target"]),
    image: String(all["image"]),
    command: shellWords(text(all["command"] ?? "")),
    environment: Object.fromEntries(
      Object.entries(record(all["environment"] ?? {})).map(([variable, value]) => [variable, String(value)]),
    ),
    volumes: strings(all["volumes"] ?? []).map((text) => {
      const [source, target] = text.split(":");
      return { source: source!, target: target! };
    }),
    healthCheck: test.slice(1),
    dependsOn: dependsOn.map(([other]) => other),
    published: new Map(strings(all["ports"] ?? []).map(publishedPort)),
    addresses: networks.flatMap((network) => strings([record(network ?? {})["ipv4_address"] ?? []].flat())),
    isOnHostNetwork: all["network_mode"] === "host",
    all,
  };
}

/** `[address:]published:own[/udp]` */
function publishedPort(text: string): [number, number] {
  const [own, host] = text
    .replace(/\/udp$/, "")
    .split(":")
    .toReversed();
  return [Number(host), Number(own)];
}

/** Split at spaces, but for those in double quotes. */
function shellWords(text: string): string[] {
  return Array.from(text.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, bare]) => quoted ?? bare!);
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`docker-compose.yml: ${JSON.stringify(value)}: expected names and values`);
  return value as Record<string, unknown>;
}

function text(value: unknown): string {
  if (typeof value !== "string")
    throw new Error(`docker-compose.yml: ${JSON.stringify(value)}: expected words`);
  return value;
}

function strings(value: unknown): string[] {
  if (!Array.isArray(value) || !value.every((each) => typeof each === "string"))
    throw new Error(`docker-compose.yml: ${JSON.stringify(value)}: expected a list of words`);
  return value;
}
