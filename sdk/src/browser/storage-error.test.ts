import { expect, it } from "vitest";
import { PanalError } from "../errors.ts";
import { storageError } from "./storage-error.ts";

it.each([
  ["NoModificationAllowedError", "conflict", "bees.mp4: another tab has it open"],
  ["NotFoundError", "not-found", "bees.mp4 is gone"],
  ["NotAllowedError", "no-permission", "bees.mp4: the browser refuses"],
  ["SecurityError", "no-permission", "bees.mp4: the browser refuses"],
  ["QuotaExceededError", "no-space", "bees.mp4: no space is left for this page"],
  ["InvalidStateError", "internal", "bees.mp4: something else"],
])("storageError() says what %s means for the file", (name, code, message) => {
  const error = new DOMException("something else", name);
  expect(storageError(error, "bees.mp4")).toMatchObject({ code, message, cause: error });
});

it("storageError() leaves what is said already as it is", () => {
  const known = new PanalError("changed", "the file is another one now");
  expect(storageError(known, "bees.mp4")).toBe(known);
});
