import { copyFile, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { type LyingProxy, startLyingProxy } from "./lying-proxy.ts";
import { type Stage, type Started, announced } from "./processes.ts";
import { writeSampleFile } from "./sample-file.ts";
import { type SlowWay, openSlowWay } from "./slow-way.ts";

const MIB = 1024 * 1024;
/** Slow enough for something to happen meanwhile. */
const BYTES_PER_SECOND = 24 * MIB;
const FICKLE_PEERS = 3;
const LENGTHS = { acacia: 1, borage: MIB + 1, clover: 12 * MIB + 777, dandelion: 40 * MIB };

export interface SoakFile {
  readonly name: string;
  readonly fileId: string;
  readonly length: number;
  readonly digest: string;
}

/** What may befall a peer. */
export const FAULTS = ["kill", "leave", "join", "freeze", "cut", "lie", "change"] as const;
export type Fault = (typeof FAULTS)[number];

/** Four peers with the same files: one is steady, the others come, go, lie and break. */
export interface SoakPeers {
  readonly tracker: Started;
  readonly steady: Started;
  readonly files: readonly SoakFile[];
  readonly fickle: number;
  /** `file`: the one that is changed, when it is "change". */
  inflict(fault: Fault, peerIndex: number, file: SoakFile): Promise<void>;
  /** Those that are there behave again; the dead stay dead until they are to join. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

interface FicklePeer {
  readonly share: string;
  readonly way: SlowWay;
  readonly proxy: LyingProxy;
  readonly url: string;
  readonly changed: Set<string>;
  process: Started | undefined;
  isFrozen: boolean;
  start(): Promise<Started>;
}

export async function startSoakPeers(stage: Stage): Promise<SoakPeers> {
  const originals = join(stage.folder, "originals");
  await mkdir(originals);
  const digests = new Map<string, string>();
  for (const [index, [name, length]] of Object.entries(LENGTHS).entries()) {
    digests.set(name, await writeSampleFile(join(originals, name), length, index + 1));
  }
  const tracker = await stage.startTracker();
  const trackerUrl = tracker.url;
  const steady = await stage.startPeer({ share: originals, trackerUrl, name: "Steady" });
  const fickle: FicklePeer[] = [];
  for (let index = 0; index < FICKLE_PEERS; index++) fickle.push(await startFickle(index));
  const files: SoakFile[] = [];
  for (const [name, length] of Object.entries(LENGTHS)) {
    const fileId = await announced(trackerUrl, name, FICKLE_PEERS + 1);
    files.push({ name, fileId, length, digest: digests.get(name)! });
  }

  async function startFickle(index: number): Promise<FicklePeer> {
    const share = join(stage.folder, `share-${index}`);
    await mkdir(share);
    for (const name of digests.keys()) await copyFile(join(originals, name), join(share, name));
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    const [way, proxy] = [await openSlowWay(BYTES_PER_SECOND), await startLyingProxy({ everyBytes: MIB })];
    way.leadTo(url);
    proxy.standInFor(url);
    const state = join(stage.folder, `state-of-fickle-${index}`);
    const args = ["--port", port, "--advertise", way.url, "--state", state];
    const start = () => stage.startPeer({ share, trackerUrl, name: `Fickle ${index}`, args });
    return { share, way, proxy, url, changed: new Set(), process: await start(), isFrozen: false, start };
  }

  /** Puts something else in a file's place, as an editor does. */
  async function replace(peer: FicklePeer, name: string, write: (path: string) => Promise<unknown>) {
    const path = join(peer.share, `.${name}.new`);
    await write(path);
    await rename(path, join(peer.share, name));
  }

  function thaw(peer: FicklePeer): void {
    if (peer.isFrozen) peer.process?.child.kill("SIGCONT");
    peer.isFrozen = false;
  }

  async function end(peer: FicklePeer, signal: NodeJS.Signals): Promise<void> {
    thaw(peer);
    const ending = peer.process;
    peer.process = undefined;
    await ending?.stop(signal);
  }

  return {
    tracker,
    steady,
    files,
    fickle: FICKLE_PEERS,
    async inflict(fault, peerIndex, file) {
      const peer = fickle[peerIndex]!;
      switch (fault) {
        case "kill":
          return end(peer, "SIGKILL");
        case "leave":
          return end(peer, "SIGTERM");
        case "join":
          peer.process ??= await peer.start();
          return;
        case "freeze":
          peer.isFrozen = peer.process?.child.kill("SIGSTOP") ?? false;
          return;
        case "cut":
          return peer.way.cut();
        case "lie":
          peer.way.leadTo(peer.proxy.url);
          return peer.way.cut();
        case "change":
          peer.changed.add(file.name);
          return replace(peer, file.name, (path) => writeSampleFile(path, file.length, 99));
      }
    },
    async heal() {
      for (const peer of fickle) {
        thaw(peer);
        peer.way.leadTo(peer.url);
        for (const name of peer.changed) {
          await replace(peer, name, (path) => copyFile(join(originals, name), path));
        }
        peer.changed.clear();
      }
    },
    async close() {
      for (const peer of fickle) {
        thaw(peer);
        await Promise.all([peer.way.close(), peer.proxy.close()]);
      }
    },
  };
}
