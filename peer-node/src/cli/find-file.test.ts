import { type FileRow, type TrackerClient, parseFileId } from "@panal/sdk";
import { describe, expect, it } from "vitest";
import { UsageError } from "./exit-codes.ts";
import { chooseFile, parseWanted } from "./find-file.ts";

const ID = `${"ab".repeat(32)}-5`;

function row(path: string, seed: string): FileRow {
  return {
    fileId: parseFileId(`${seed.repeat(64)}-5`),
    size: 5,
    path,
    names: [path.slice(path.lastIndexOf("/") + 1)],
    kind: "other",
    mtime: "2026-01-01T00:00:00Z",
    peerCount: 1,
  };
}

function tracker(...files: FileRow[]): TrackerClient {
  return { searchFiles: async () => ({ files }) } as Partial<TrackerClient> as TrackerClient;
}

describe("parseWanted()", () => {
  it("knows a file id, a link and words", () => {
    expect(parseWanted([ID])).toEqual({ type: "file", fileId: ID });
    expect(parseWanted([`http://t:7070/f/${ID}`])).toEqual({
      type: "file",
      fileId: ID,
      trackerUrl: "http://t:7070",
    });
    expect(parseWanted(["bees", "of winter"])).toEqual({ type: "words", words: "bees of winter" });
    expect(parseWanted([`${ID}0`.replace("-", "_")])).toMatchObject({ type: "words" });
  });

  it("refuses a URL that is no link to a file", () => {
    expect(() => parseWanted(["http://t/other"])).toThrow(expect.objectContaining({ code: "invalid" }));
  });
});

describe("chooseFile()", () => {
  const [summer, winter] = [row("films/bees in summer.mp4", "a"), row("films/bees.mp4", "b")];

  it("takes the only match", async () => {
    expect(await chooseFile("summer", tracker(summer), undefined)).toBe(summer);
  });

  it("takes the one whose whole name was given", async () => {
    expect(await chooseFile("BEES.mp4", tracker(summer, winter), undefined)).toBe(winter);
  });

  it("suggests what the tracker guessed, and doesn't take it", async () => {
    const guessing = {
      searchFiles: async () => ({ files: [summer], didYouMean: "summer" }),
    } as Partial<TrackerClient> as TrackerClient;
    await expect(chooseFile("sumer", guessing, async () => 0)).rejects.toMatchObject({
      code: "not-found",
      message: expect.stringContaining('did you mean "summer"?') as string,
    });
  });

  it("asks when there are several", async () => {
    expect(await chooseFile("bees", tracker(summer, winter), async () => 1)).toBe(winter);
  });

  it("lists them when nobody can be asked", async () => {
    const failure = await chooseFile("bees", tracker(summer, winter), undefined).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toContain(summer.fileId);
    expect(String(failure)).toContain("bees.mp4");
  });

  it("shows hostile names inert in the list", async () => {
    const hostile = row("x/\u001b[2Jevil\n\u202egnp.exe", "c");
    const failure = await chooseFile("x", tracker(hostile, winter), undefined).catch(
      (error: unknown) => error,
    );
    for (const hidden of ["\u001b", "\u202e", "evil\n"]) expect(String(failure)).not.toContain(hidden);
  });

  it("says not-found when nothing matches", async () => {
    await expect(chooseFile("nothing", tracker(), undefined)).rejects.toMatchObject({ code: "not-found" });
  });
});
