import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkIndex } from "../tracker/src/store/testing/check-index.ts";
import { type ChangingPeer, createChangingPeer } from "./support/changing-peer.ts";
import { freePort } from "./support/free-port.ts";
import { type Stage, type Started, createStage } from "./support/processes.ts";
import { seededRandom } from "./support/seeded.ts";

/** More, and others: PANAL_KILL_ROUNDS=200 PANAL_KILL_SEED=7 npx vitest run e2e/tracker-kills.test.ts */
const ROUNDS = Number(process.env["PANAL_KILL_ROUNDS"] ?? 4);
const SEED = Number(process.env["PANAL_KILL_SEED"] ?? 1);
const PEERS = 6;
/** Answers to changes, after at most so many of which the tracker is killed. */
const MAX_ANSWERS = 30;

let stage: Stage;
let port: string;
let tracker: Started;

const start = () =>
  stage.startTracker({
    args: ["--port", port, "--heartbeat-seconds", "600", "--limits", "0", "--log-level", "error"],
  });

beforeAll(async () => {
  stage = await createStage();
  port = String(await freePort());
  tracker = await start();
}, 60_000);
afterAll(() => stage.close());

/** Lets all of them change what they announce, until so many answers have come; kills the tracker in the middle of others. */
async function killAfter(answers: number, peers: readonly ChangingPeer[]): Promise<void> {
  let left = answers;
  const enough = Promise.withResolvers<void>();
  const working = peers.map(async (peer) => {
    while (await peer.change(tracker.url)) if (--left === 0) enough.resolve();
  });
  await enough.promise;
  await tracker.stop("SIGKILL");
  await Promise.all(working);
}

it(
  `a tracker that is killed under load loses nothing it acknowledged (${ROUNDS} kills, seed ${SEED})`,
  { timeout: 60_000 + ROUNDS * 20_000 },
  async () => {
    const random = seededRandom(SEED);
    const peers = Array.from({ length: PEERS }, (_, index) => createChangingPeer(7_000 + index, random));
    for (let round = 0; round < ROUNDS; round++) {
      await killAfter(1 + Math.floor(random() * MAX_ANSWERS), peers);
      // Every other time the tracker itself is the first to open what was left.
      if (round % 2 === 0) checkIndex(join(stage.folder, "tracker", "tracker.db"));
      tracker = await start();
      // What was under way may have been done, or not; everything before was.
      for (const peer of peers) await peer.verify(tracker.url);
    }
    const counts = peers.map((peer) => peer.counts);
    for (const kind of ["register", "announce", "patch", "logout"] as const) {
      expect(
        counts.reduce((sum, count) => sum + count[kind], 0),
        kind,
      ).toBeGreaterThan(0);
    }
    expect(counts.reduce((sum, { interrupted }) => sum + interrupted, 0)).toBeGreaterThan(0);
    await tracker.stop();
    checkIndex(join(stage.folder, "tracker", "tracker.db"));
  },
);
