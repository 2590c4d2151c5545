import { describe, expect, it } from "vitest";
import type { ReadAnswer, SaveQuestion } from "../engine/engine-api.ts";
import { answerSave, parseSaveUrl } from "./save-answer.ts";

const ORIGIN = "https://panal.example";
const frame = { method: "GET", destination: "iframe" } as const;

/** A page that has these parts, or none. */
function pageWith(parts: readonly ReadAnswer[] | undefined) {
  const questions: SaveQuestion[] = [];
  let next = 0;
  return {
    questions,
    postMessage(question: SaveQuestion, [port]: Transferable[]) {
      questions.push(question);
      const missing: ReadAnswer = { type: "failed", code: "not-found", message: "elsewhere" };
      (port as MessagePort | undefined)?.postMessage(parts?.[next++] ?? missing);
    },
  };
}
const bytes = (...all: number[]): ReadAnswer => ({ type: "bytes", bytes: new Uint8Array(all) });
const pagesOf = (...all: ReturnType<typeof pageWith>[]) => ({ matchAll: async () => all });
const save = parseSaveUrl(`${ORIGIN}/save/abc/3/bees%20%3F.zip`)!;

describe("parseSaveUrl()", () => {
  it.each([
    "/save/abc/3",
    "/save/a%2Fb/3/x",
    "/save/abc/-3/x",
    "/save/abc/1e9/x",
    "/save/abc/3/x/y",
    "/stream/abc/3/x",
  ])("refuses %s", (path) => expect(parseSaveUrl(ORIGIN + path)).toBeUndefined());
});

describe("answerSave()", () => {
  it("gives what the page has that knows it, with its length, to be saved and nothing else", async () => {
    const page = pageWith([bytes(1, 2), bytes(3), bytes()]);
    const answer = await answerSave(frame, { save, pages: pagesOf(pageWith(undefined), page) });
    expect(answer.headers.get("content-length")).toBe("3");
    expect(answer.headers.get("content-type")).toBe("application/octet-stream");
    expect(answer.headers.get("content-disposition")).toContain('attachment; filename="bees _.zip"');
    expect(answer.headers.get("content-security-policy")).toContain("sandbox");
    expect(page.questions).toHaveLength(1);
    expect(await answer.bytes()).toEqual(new Uint8Array([1, 2, 3]));
  });

  it("breaks off when the page fails, and tells the page when nobody takes it any more", async () => {
    const failing = pageWith([bytes(1), { type: "failed", code: "corrupt", message: "lied" }]);
    const broken = await answerSave(frame, { save, pages: pagesOf(failing) });
    await expect(broken.bytes()).rejects.toMatchObject({ code: "corrupt" });
    const page = pageWith([bytes(1), bytes(2)]);
    const left = await answerSave(frame, { save, pages: pagesOf(page) });
    await left.body?.cancel();
    expect(page.questions.at(-1)).toEqual({ type: "cancel-save", id: "abc" });
  });

  it("refuses what would show or run it, and what no page has", async () => {
    const page = pageWith([bytes(1)]);
    for (const destination of ["script", "worker", "style", "image", ""] as const) {
      const answer = await answerSave({ method: "GET", destination }, { save, pages: pagesOf(page) });
      expect(answer.status).toBe(403);
    }
    expect(page.questions).toEqual([]);
    expect((await answerSave(frame, { save, pages: pagesOf(pageWith(undefined)) })).status).toBe(404);
  });
});
