import { expect, it } from "vitest";
import { pastedPlace } from "./pasted-place.ts";

const ID = `${"ab".repeat(32)}-1048576`;
const HERE = "http://10.0.0.1:7070";

it.each([
  [ID, `/f/${ID}`],
  [` ${ID.toUpperCase()}\n`, `/f/${ID}`],
  [`${HERE}/f/${ID}`, `/f/${ID}`],
  [`https://elsewhere.example/f/${ID}?x#y`, `/f/${ID}`],
  [`http://10.0.0.7:7071/files/${ID}/bees.mp4`, `/f/${ID}`],
  [`${HERE}/p/peer-id-1/films`, "/p/peer-id-1/films"],
  [`${HERE}/?q=bees&kind=video`, "/?q=bees&kind=video"],
  ["https://elsewhere.example/p/peer-id-1", undefined],
  [`${HERE}/healthz`, undefined],
  ["bees of winter", undefined],
  ["http://", undefined],
  ["http://[", undefined],
  [`javascript:alert(1)//f/${ID}`, undefined],
])("pastedPlace() of %s is %s", (text, place) => {
  expect(pastedPlace(text, HERE)).toBe(place);
});
