export const LANGUAGES = { en: "English", es: "Español" } as const;
export type Language = keyof typeof LANGUAGES;

const STORAGE_KEY = "panal.language";

/** The texts of a language are fetched when somebody reads it. Every key is in each of them, so none falls back on another. */
const TEXTS: Record<Language, () => Promise<Record<string, string>>> = {
  en: async () => (await import("../i18n/en.ts")).en,
  es: async () => (await import("../i18n/es.ts")).es,
};

/** Fetched once, whoever asks for them. */
export function loadTexts(language: Language): Promise<Record<string, string>> {
  return TEXTS[language]();
}

/** The language that was chosen, or the first of the browser's that we speak. */
export function firstLanguage(): Language {
  return storedLanguage() ?? preferredLanguage(navigator.languages);
}

/** For the next visits. */
export function storeLanguage(language: Language): void {
  try {
    localStorage.setItem(STORAGE_KEY, language);
  } catch {
    // Storage is forbidden: it holds until the page is closed.
  }
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
