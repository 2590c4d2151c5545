import { describe, expect, test } from "vitest";
import { parseFileId } from "./file-id.ts";
import { formatLink, parseLink } from "./link.ts";

const fileId = parseFileId(`${"ab".repeat(32)}-12345`);

describe("parseLink()", () => {
  test.each([
    [`http://localhost:7070/f/${fileId}`, "http://localhost:7070"],
    [`https://tracker.example/f/${fileId}`, "https://tracker.example"],
    [`HTTPS://tracker.example/f/${fileId}/`, "HTTPS://tracker.example"],
    [`http://[fe80::1]:7070/f/${fileId}?lang=es#top`, "http://[fe80::1]:7070"],
  ])("takes %s", (text, trackerUrl) => {
    expect(parseLink(text)).toEqual({ fileId, trackerUrl });
  });

  test.each(["some words", fileId, "", "ftp://a/f/x", "javascript:alert(1)", "httpx://"])(
    "says that %j is no link",
    (text) => expect(parseLink(text)).toBeUndefined(),
  );

  test.each([
    "http://",
    "http://tracker.example/",
    "http://tracker.example/f/",
    `http://tracker.example/f/${fileId.slice(1)}`,
    `http://tracker.example/g/${fileId}`,
    `http://tracker.example/f/${fileId}/more`,
    `http://user:secret@tracker.example/f/${fileId}`,
    `http://tracker.example\n/f/${fileId}`,
    `http:///f/${fileId}`,
  ])("refuses %j", (text) => {
    expect(() => parseLink(text)).toThrow(expect.objectContaining({ code: "invalid" }));
  });
});

test("formatLink() is read back by parseLink(), with or without a slash at the end of the tracker's URL", () => {
  const trackerUrl = "http://192.168.1.5:7070";
  for (const end of ["", "/"]) {
    const link = formatLink({ fileId, trackerUrl: trackerUrl + end });
    expect(link).toBe(`http://192.168.1.5:7070/f/${fileId}`);
    expect(parseLink(link)).toEqual({ fileId, trackerUrl });
  }
});
