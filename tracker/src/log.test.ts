import { PanalError } from "@panal/sdk";
import { describe, expect, test } from "vitest";
import { type LogLevel, createLog } from "./log.ts";
import { logText } from "./log-text.ts";

const NOON = Date.UTC(2026, 0, 1, 12);

function linesOf(
  write: (log: ReturnType<typeof createLog>) => void,
  { isReadable = false, level = "info" } = {},
) {
  const lines: string[] = [];
  write(
    createLog({ level: level as LogLevel, isReadable, now: () => NOON, write: (line) => lines.push(line) }),
  );
  return lines;
}

describe("createLog()", () => {
  test("writes one JSON object a line, with the time of the clock it was given", () => {
    const lines = linesOf((log) => log.info({ port: 7070 }, "ready"));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: "info", time: "2026-01-01T12:00:00.000Z", port: 7070, message: "ready" },
    ]);
  });

  test("leaves out what is less urgent than its level", () => {
    const write = (log: ReturnType<typeof createLog>) => {
      log.debug("a");
      log.info("b");
      log.error("c");
    };
    const messages = (level: string) =>
      linesOf(write, { level }).map((line) => (JSON.parse(line) as { message: string }).message);
    expect(messages("debug")).toEqual(["a", "b", "c"]);
    expect(messages("error")).toEqual(["c"]);
    expect(messages("silent")).toEqual([]);
  });

  test("tells code, message and stack of an error, and nothing else it carries", () => {
    const error = Object.assign(new TypeError("no such thing"), { lease: "hush" });
    const [line] = linesOf((log) => log.error({ error }, "upkeep failed"));
    expect(JSON.parse(line!)).toMatchObject({
      message: "upkeep failed",
      error: { code: "internal", message: "no such thing" },
    });
    expect(line).toContain("log.test.ts");
    expect(line).not.toContain("hush");
  });

  test("tells where an error came from only when it is a mistake of ours", () => {
    const error = new PanalError("no-space", "disk full");
    const [line] = linesOf((log) => log.error({ error }, "upkeep failed"));
    expect(JSON.parse(line!)).toMatchObject({ error: { code: "no-space", message: "disk full", stack: [] } });
    const [readable] = linesOf((log) => log.error({ error }, "upkeep failed"), { isReadable: true });
    expect(readable).toBe("12:00:00.000 ERROR upkeep failed: disk full");
  });

  test("is readable for people when asked, also where a value has blanks, and with a stack below", () => {
    const [first] = linesOf((log) => log.info({ path: "/a", name: "Ana's box", ms: 0.3 }, "request"), {
      isReadable: true,
    });
    expect(first).toBe(`12:00:00.000 INFO  request path=/a name="Ana's box" ms=0.3`);
    const request = { id: "1-2", method: "GET", path: "/a", status: 200, ms: 3.4, from: "10.0.0.1" };
    const [answered] = linesOf((log) => log.info(request, "request"), { isReadable: true });
    expect(answered).toBe("12:00:00.000 INFO  GET /a 200 3.4 ms from=10.0.0.1 id=1-2");
    const [failure] = linesOf((log) => log.error({ error: new Error("boom") }, "failed"), {
      isReadable: true,
    });
    expect(failure).toMatch(/^12:00:00\.000 ERROR failed: boom\n +at /);
  });

  test("lets nothing through that moves a cursor, in neither form", () => {
    for (const isReadable of [true, false]) {
      const hostile = "a\u001b[2Jb\u009b1mc\u202ed\ne";
      const [line] = linesOf((log) => log.error({ name: logText(hostile), error: new Error(hostile) }, "x"), {
        isReadable,
      });
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      expect(line).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
  });
});

test("logText() cuts what is long", () => {
  expect(logText("a".repeat(100_000)).length).toBeLessThan(600);
});
