import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "../i18n/en.ts";
import { es } from "../i18n/es.ts";

export const LANGUAGES = { en: "English", es: "Español" } as const;
export type Language = keyof typeof LANGUAGES;

const STORAGE_KEY = "panal.language";

/** Starts with the language that was chosen, or the first of the browser's that we speak. */
export function startI18n(): void {
  void i18next.use(initReactI18next).init({
    resources: { en: { translation: en }, es: { translation: es } },
    lng: storedLanguage() ?? preferredLanguage(navigator.languages),
    fallbackLng: "en",
    keySeparator: false,
    nsSeparator: false,
    initAsync: false,
    // React escapes.
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = i18next.language;
  i18next.on("languageChanged", (language) => (document.documentElement.lang = language));
}

export function chooseLanguage(language: Language): void {
  try {
    localStorage.setItem(STORAGE_KEY, language);
  } catch {
    // Storage is forbidden: it holds until the page is closed.
  }
  void i18next.changeLanguage(language);
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
