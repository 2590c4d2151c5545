import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stage, createStage } from "./support/processes.ts";
import { soak } from "./support/soak.ts";

const ROUNDS = 12;
const SEED = 5;

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

it(
  `whatever befalls the peers, every file comes whole (${ROUNDS} rounds, seed ${SEED}; for hours: npm run soak)`,
  { timeout: 180_000 },
  async () => {
    const { downloads, faults } = await soak({ stage, seed: SEED, goesOn: (round) => round < ROUNDS });
    console.log(`${downloads} downloads;`, faults);
    expect(downloads).toBeGreaterThanOrEqual(ROUNDS);
    for (const [fault, count] of Object.entries(faults)) expect(count, fault).toBeGreaterThan(0);
  },
);
