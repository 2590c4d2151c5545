import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { firstLanguage, isLanguage, type Language, loadTexts, storeLanguage } from "./language.ts";

/** What only some views say. */
const MORE_TEXTS: Record<Language, () => Promise<Record<string, string>>> = {
  en: async () => (await import("../i18n/en-sending.ts")).enSending,
  es: async () => (await import("../i18n/es-sending.ts")).esSending,
};

const started = Promise.withResolvers<void>();
let needsMore = false;

/** For views that say more than the rest: to be waited for before they are shown. Throws when it can't be fetched. */
export async function loadMoreTexts(): Promise<void> {
  needsMore = true;
  await started.promise;
  const language = isLanguage(i18next.language) ? i18next.language : "en";
  i18next.addResourceBundle(language, "translation", await MORE_TEXTS[language](), true);
}

export async function startI18n(): Promise<void> {
  const language = firstLanguage();
  await i18next.use(initReactI18next).init({
    resources: { [language]: { translation: await loadTexts(language) } },
    lng: language,
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    // React escapes.
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = i18next.language;
  i18next.on("languageChanged", (language) => (document.documentElement.lang = language));
  started.resolve();
}

/** Throws when the texts can't be fetched: the language stays as it is. */
export async function chooseLanguage(language: Language): Promise<void> {
  i18next.addResourceBundle(language, "translation", await loadTexts(language), true);
  if (needsMore) i18next.addResourceBundle(language, "translation", await MORE_TEXTS[language](), true);
  storeLanguage(language);
  await i18next.changeLanguage(language);
}
