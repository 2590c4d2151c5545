import { filesPageSchema } from "@panal/sdk";
import type { HttpAnswer } from "./http-answer.ts";

/** What an answer must be for its figure to count. */
export type Expectation =
  /** 200, with these words in it; `without` are those of a failure that calls itself 200. */
  | { readonly type: "text"; readonly includes: string; readonly without?: string }
  /**
   * A page of this many files; `matches`: how many there are in all. An answer that says "at least" may have counted fewer:
   * undefined when there are so many that it must say so.
   */
  | { readonly type: "page"; readonly rows: number; readonly matches: number | undefined };

/** Throws, saying what is wrong. */
export function expectAnswer({ status, body }: HttpAnswer, expected: Expectation): void {
  const refuse = (why: string) =>
    new Error(`${why}: answered with ${status} ${body.toString("utf8", 0, 300)}`);
  if (status !== 200) throw refuse("expected 200");
  if (expected.type === "text") {
    if (!body.includes(expected.includes)) throw refuse(`expected ${expected.includes}`);
    if (expected.without !== undefined && body.includes(expected.without)) {
      throw refuse(`expected no ${expected.without}`);
    }
    return;
  }
  const page = filesPageSchema.parse(JSON.parse(body.toString()));
  const counted = Object.values(page.kinds ?? {}).reduce((sum, count) => sum + count, 0);
  if (page.files.length !== expected.rows) throw refuse(`expected ${expected.rows} rows`);
  if (page.didYouMean !== undefined) throw refuse("expected files of these very words");
  if (expected.matches === undefined) {
    if (page.isCapped !== true) throw refuse("expected to be told that there are more");
  } else if (page.isCapped === true ? counted > expected.matches : counted !== expected.matches) {
    throw refuse(`expected ${expected.matches} in all, not ${counted}`);
  }
}
