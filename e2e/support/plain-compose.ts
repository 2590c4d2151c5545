import { chown, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { ROOT } from "../../scripts/run-command.ts";
import { type ComposeService, readComposeFile } from "./compose-file.ts";
import { freePort } from "./free-port.ts";
import { HOST, INNER_HOST } from "./loopback-hosts.ts";
import type { PlainImages } from "./plain-image.ts";
import { type PlainService, type RunningService, startService } from "./plain-service.ts";
import { type ServiceWords, caddyPlan, plainCaddyfile, postgresPlan } from "./stock-images.ts";

/** More than the services listen at. */
const MAX_PORTS = 24;

export interface PlainCompose {
  /** Each after those it depends on, which it waits for. */
  start(): Promise<void>;
  service(name: string): RunningService;
  /** Starts one anew that has ended. */
  restart(name: string): Promise<void>;
  /** Where a service's port is here, as `host:port`. */
  addressOf(name: string, port: number): string;
  /** Where a volume's files are. */
  volume(name: string): string;
  /** Each before those it depends on; gives exit codes in that order. */
  stop(): Promise<readonly { name: string; exitCode: number | null }[]>;
}

interface PlainComposeOptions {
  readonly images: PlainImages;
  /** Where volumes are kept, readable for everybody. */
  readonly folder: string;
  /** As in .env. */
  readonly env: Readonly<Record<string, string>>;
  /** Caddy's port for plain http. */
  readonly httpPort: number;
}

/**
 * Runs what docker-compose.yml says where there are no containers: the same commands, arguments, environment, health checks
 * and order, as processes at loopback addresses. What a container's network does is done by putting other ports and
 * addresses into words; everything else is taken as it stands.
 */
export async function createPlainCompose(options: PlainComposeOptions): Promise<PlainCompose> {
  const { images, folder } = options;
  const services = inOrder(await readComposeFile(options.env));
  const freePorts = new Set<number>();
  while (freePorts.size < MAX_PORTS) freePorts.add(await freePort());
  const spare = [...freePorts];
  const given = new Map<string, number>();
  const running = new Map<string, RunningService>();
  const plans = new Map<string, PlainService>();
  const named = (name: string) => services.find((service) => service.name === name)!;

  /** Which service listens at a port, as `service` sees it: on the host's network all published ones are at 127.0.0.1. */
  function listenerAt(service: ComposeService, port: number): string {
    if (!service.isOnHostNetwork) return `${service.name}:${port}`;
    const publisher = services.find(({ published }) => published.has(port));
    return publisher === undefined ? `host:${port}` : `${publisher.name}:${publisher.published.get(port)}`;
  }

  function portOf(listener: string): number {
    const port = given.get(listener) ?? spare.pop()!;
    given.set(listener, port);
    return port;
  }

  function addressOf(service: ComposeService, port: number): string {
    return `${hostOf(service)}:${portOf(listenerAt(service, port))}`;
  }

  const names = new RegExp(`\\b(${services.map(({ name }) => name).join("|")}):(\\d+)\\b`, "g");

  /** Words of a service's, with addresses and paths of this machine. */
  function translate(service: ComposeService, text: string): string {
    let words = text
      .replace(/^--port=(\d+)$/, (_, port) => `--port=${portOf(listenerAt(service, Number(port)))}`)
      .replace(/\b127\.0\.0\.1:(\d+)\b/g, (_, port) => addressOf(service, Number(port)))
      .replace(names, (_, name: string, port) => addressOf(named(name), Number(port)));
    for (const { addresses } of services)
      for (const address of addresses) words = words.replaceAll(address, INNER_HOST.replace(/[[\]]/g, ""));
    const volume = service.volumes.find(({ target }) => words === target || words.startsWith(`${target}/`));
    return volume === undefined ? words : sourceOf(volume.source) + words.slice(volume.target.length);
  }

  function sourceOf(source: string): string {
    if (isAbsolute(source)) return source;
    return source.startsWith("./") ? join(folder, "bound", source) : join(folder, "volumes", source);
  }

  async function planOf(service: ComposeService): Promise<PlainService> {
    const image = service.target === undefined ? undefined : await images.build(service.target);
    for (const { source, target } of service.volumes)
      await prepareVolume(source, { service, inImage: image?.inPlace(target) });
    const own = image?.config;
    const env: Record<string, string> = { PATH: `${images.binFolder}${delimiter}${process.env["PATH"]}` };
    for (const [name, value] of Object.entries({ ...own?.env, ...service.environment })) {
      env[name] =
        name.endsWith("_PORT") && value !== "off"
          ? String(portOf(listenerAt(service, Number(value))))
          : translate(service, value);
    }
    const args = service.command.map((word, index) =>
      service.command[index - 1] === "--port"
        ? String(portOf(listenerAt(service, Number(word))))
        : translate(service, word),
    );
    const healthCheck = service.healthCheck.length > 0 ? service.healthCheck : (own?.healthCheck ?? []);
    const plan = {
      name: service.name,
      env,
      healthCheck: healthCheck.map((word) => translate(service, word)),
      cwd: image === undefined ? folder : join(image.root, "app"),
    };
    if (image === undefined) return stockPlan(service, { ...plan, args });
    const command = [...image.config.entrypoint.map(image.inPlace), ...args, ...keptInside(service)];
    return { ...plan, command, user: image.config.user, stopSignal: image.config.stopSignal };
  }

  /** What an image of somebody else's does by itself. */
  async function stockPlan(service: ComposeService, words: ServiceWords): Promise<PlainService> {
    const [kind] = service.image.split(":");
    switch (kind) {
      case "caddy":
        return caddyPlan(words);
      case "postgres": {
        const data = service.volumes.find(({ target }) => target === "/var/lib/postgresql/data")!;
        return postgresPlan(words, { data: sourceOf(data.source), port: portOf(`${service.name}:5432`) });
      }
      default:
        throw new Error(`${service.image}: how is it run without a container?`);
    }
  }

  async function prepareVolume(
    source: string,
    { service, inImage }: { service: ComposeService; inImage: string | undefined },
  ): Promise<void> {
    if (isAbsolute(source)) return;
    const path = sourceOf(source);
    if (source.startsWith("./")) {
      const text = translate(service, await readFile(join(ROOT, source), "utf8"));
      const portHere = (port: number) => portOf(listenerAt(service, port));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, plainCaddyfile(text, { httpPort: options.httpPort, portOf: portHere }));
      return;
    }
    await mkdir(path, { recursive: true });
    // A new volume takes over the owner it finds.
    if (inImage === undefined || process.getuid?.() !== 0) return;
    const { uid, gid } = await stat(inImage);
    await chown(path, uid, gid);
  }

  return {
    async start() {
      for (const service of services) {
        plans.set(service.name, await planOf(service));
        running.set(service.name, startService(plans.get(service.name)!));
        await running.get(service.name)!.becomesHealthy();
      }
    },
    service: (name) => running.get(name)!,
    async restart(name) {
      running.set(name, startService(plans.get(name)!));
      await running.get(name)!.becomesHealthy();
    },
    addressOf: (name, port) => addressOf(named(name), port),
    volume: (name) => sourceOf(name),
    async stop() {
      const ends = [];
      for (const { name } of services.toReversed()) {
        const service = running.get(name);
        if (service !== undefined) ends.push({ name, exitCode: await service.stop() });
      }
      return ends;
    },
  };
}

function hostOf(service: ComposeService): string {
  return isInner(service) ? INNER_HOST : HOST;
}

function isInner({ isOnHostNetwork, published, target }: ComposeService): boolean {
  return target !== undefined && !isOnHostNetwork && published.size === 0;
}

/** Flags that keep one of our own programs on this machine's loopback addresses. */
function keptInside(service: ComposeService): string[] {
  if (isInner(service)) return ["--host", INNER_HOST];
  // With one loopback address only, a peer's own counts for nothing behind a proxy: it must have others.
  return INNER_HOST === HOST ? [] : ["--host", HOST];
}

/** Each after those it depends on. */
function inOrder(services: readonly ComposeService[]): ComposeService[] {
  const ordered: ComposeService[] = [];
  while (ordered.length < services.length) {
    const next = services.find(
      (service) =>
        !ordered.includes(service) &&
        service.dependsOn.every((name) => ordered.some((each) => each.name === name)),
    );
    if (next === undefined) throw new Error("docker-compose.yml: services wait for each other");
    ordered.push(next);
  }
  return ordered;
}
