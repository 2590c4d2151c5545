import { describe, expect, it } from "vitest";
import { PanalError } from "../errors.ts";
import { createVirtualClock } from "../transfer/testing/virtual-clock.ts";
import { raceEndpoints } from "./endpoint-race.ts";

function setUp(answers: Record<string, { afterMs: number; error?: PanalError["code"] }>) {
  const clock = createVirtualClock();
  const asked: string[] = [];
  const aborted: string[] = [];
  const abort = new AbortController();
  const race = () =>
    raceEndpoints(
      Object.keys(answers).map((url, rank) => ({ url, startMs: rank * 300 })),
      async (url, signal) => {
        asked.push(url);
        signal.addEventListener("abort", () => aborted.push(url));
        const { afterMs, error } = answers[url]!;
        await clock.sleep(afterMs, signal);
        if (error !== undefined) throw new PanalError(error, `${url}: ${error}`);
        return `${url} at ${clock.now()}`;
      },
      { signal: abort.signal, clock },
    );
  return { race, asked, aborted, abort };
}

describe("raceEndpoints()", () => {
  it("asks only the best one when it answers within its head start", async () => {
    const { race, asked } = setUp({ a: { afterMs: 299 }, b: { afterMs: 0 } });
    expect(await race()).toEqual({ url: "a", value: "a at 299", lost: [] });
    expect(asked).toEqual(["a"]);
  });

  it("tries the next one after 300 ms and ends the loser", async () => {
    const { race, aborted } = setUp({ a: { afterMs: 60_000 }, b: { afterMs: 10 } });
    expect(await race()).toEqual({ url: "b", value: "b at 310", lost: ["a"] });
    expect(aborted).toContain("a");
  });

  it("tries the next one at once when one fails", async () => {
    const { race } = setUp({ a: { afterMs: 5, error: "unreachable" }, b: { afterMs: 10 } });
    expect(await race()).toEqual({ url: "b", value: "b at 15", lost: [] });
  });

  it("takes an error of the peer itself as its answer", async () => {
    const { race, asked } = setUp({ a: { afterMs: 5, error: "not-found" }, b: { afterMs: 10 } });
    await expect(race()).rejects.toMatchObject({ code: "not-found" });
    expect(asked).toEqual(["a"]);
  });

  it("tells the best one's failure when all fail", async () => {
    const { race } = setUp({ a: { afterMs: 5, error: "timeout" }, b: { afterMs: 1, error: "unreachable" } });
    await expect(race()).rejects.toMatchObject({ code: "timeout" });
  });

  it("stops with the caller's signal, and fails without any endpoint", async () => {
    const { race, abort } = setUp({ a: { afterMs: 60_000 } });
    const stopped = race();
    abort.abort();
    await expect(stopped).rejects.toMatchObject({ code: "aborted" });
    await expect(setUp({}).race()).rejects.toMatchObject({ code: "unreachable" });
  });
});
