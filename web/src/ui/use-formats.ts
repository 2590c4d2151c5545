import { useTranslation } from "react-i18next";
import { createFormats, type Formats } from "./format.ts";

const byLanguage = new Map<string, Formats>();

/** The formats of the language that is shown. */
export function useFormats(): Formats {
  const { i18n } = useTranslation();
  let formats = byLanguage.get(i18n.language);
  if (formats === undefined) {
    formats = createFormats(i18n.language);
    byLanguage.set(i18n.language, formats);
  }
  return formats;
}
