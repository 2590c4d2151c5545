import i18next from "i18next";
import { initReactI18next } from "react-i18next";

export const LANGUAGES = { en: "English", es: "Español" } as const;
export type Language = keyof typeof LANGUAGES;

const STORAGE_KEY = "panal.language";

/** The texts of a language are fetched when somebody reads it. Every key is in each of them, so none falls back on another. */
const TEXTS: Record<Language, () => Promise<Record<string, string>>> = {
  en: async () => (await import("../i18n/en.ts")).en,
  es: async () => (await import("../i18n/es.ts")).es,
};

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

/** Starts with the language that was chosen, or the first of the browser's that we speak. */
export async function startI18n(): Promise<void> {
  const language = storedLanguage() ?? preferredLanguage(navigator.languages);
  await i18next.use(initReactI18next).init({
    resources: { [language]: { translation: await TEXTS[language]() } },
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
  i18next.addResourceBundle(language, "translation", await TEXTS[language](), true);
  if (needsMore) i18next.addResourceBundle(language, "translation", await MORE_TEXTS[language](), true);
  try {
    localStorage.setItem(STORAGE_KEY, language);
  } catch {
    // Storage is forbidden: it holds until the page is closed.
  }
  await i18next.changeLanguage(language);
}

export function preferredLanguage(wanted: readonly string[]): Language {
  const spoken = wanted.map((tag) => tag.split("-")[0]).find((tag) => isLanguage(tag));
  return isLanguage(spoken) ? spoken : "en";
}

export function isLanguage(text: string | null | undefined): text is Language {
  return text !== null && text !== undefined && Object.hasOwn(LANGUAGES, text);
}

function storedLanguage(): Language | undefined {
  try {
    const stored = localStorage.getItem(STORAGE_KEY);
    return isLanguage(stored) ? stored : undefined;
  } catch {
    return undefined;
  }
}
