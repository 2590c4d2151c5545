import { expect, it } from "vitest";
import { preferredLanguage } from "./language.ts";

it.each([
  [["es-AR", "en"], "es"],
  [["de-DE", "es"], "es"],
  [["en-GB", "es"], "en"],
  [["de", "fr"], "en"],
  [["constructor"], "en"],
  [[], "en"],
])("preferredLanguage() of %j is %s", (wanted, language) => {
  expect(preferredLanguage(wanted)).toBe(language);
});
