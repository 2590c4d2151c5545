import { describe, expect, it } from "vitest";
import { codeOfHash, createUploadCodes, parseUploadCode } from "./upload-codes.ts";

function memory(written?: string) {
  let text: string | null = written ?? null;
  return {
    getItem: () => text,
    setItem: (_key: string, value: string) => {
      text = value;
    },
  };
}

describe("createUploadCodes()", () => {
  it("remembers a code once it is confirmed, and forgets it when told to", () => {
    const storage = memory();
    const codes = createUploadCodes(() => storage);
    codes.set("ana", "right");
    expect(codes.get("ana")).toBe("right");
    expect(createUploadCodes(() => storage).get("ana")).toBeUndefined();
    codes.confirm("ana");
    expect(createUploadCodes(() => storage).get("ana")).toBe("right");
    codes.set("ana", undefined);
    expect(codes.get("ana")).toBeUndefined();
    expect(createUploadCodes(() => storage).get("ana")).toBeUndefined();
  });

  it("tells when one changes", () => {
    const codes = createUploadCodes(memory);
    let told = 0;
    const end = codes.subscribe(() => told++);
    codes.set("ana", "a");
    end();
    codes.set("ana", "b");
    expect(told).toBe(1);
  });

  it.each(["", "{", "null", '{"ana":"x"}', '[["ana"],[1,"x"],["bea","with space"],"x",null]'])(
    "has none where %s is kept",
    (text) => {
      const codes = createUploadCodes(() => memory(text));
      expect(["ana", "bea", "x"].map((peerId) => codes.get(peerId))).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    },
  );

  it("forgets the oldest of too many, and works where nothing can be kept", () => {
    const storage = memory();
    const codes = createUploadCodes(() => storage);
    for (let index = 0; index <= 200; index++) {
      codes.set(`peer ${index}`, "code");
      codes.confirm(`peer ${index}`);
    }
    const again = createUploadCodes(() => storage);
    expect([again.get("peer 0"), again.get("peer 200")]).toEqual([undefined, "code"]);
    const nowhere = createUploadCodes(() => {
      throw new Error("forbidden");
    });
    nowhere.set("ana", "code");
    nowhere.confirm("ana");
    expect(nowhere.get("ana")).toBe("code");
  });
});

it.each([
  ["#upload=abc-DEF", "abc-DEF"],
  ["#upload=a%20", "a"],
  ["#upload=%zz", undefined],
  ["#upload=", undefined],
  ["#upload=a%0Ab", undefined],
  ["#other=abc", undefined],
  ["", undefined],
])("codeOfHash() of %s", (hash, code) => {
  expect(codeOfHash(hash)).toBe(code);
});

it("parseUploadCode() takes what fits into a header", () => {
  expect(parseUploadCode("  abc ")).toBe("abc");
  expect(parseUploadCode("ä")).toBeUndefined();
  expect(parseUploadCode("x".repeat(129))).toBeUndefined();
});
