export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const STORAGE_KEY = "panal.theme";
const prefersDark = () => matchMedia("(prefers-color-scheme: dark)");

/** What the person chose; the system's by default. */
export function storedTheme(): Theme {
  const stored = readStored();
  return THEMES.find((theme) => theme === stored) ?? "system";
}

export function chooseTheme(theme: Theme): void {
  try {
    localStorage.setItem(STORAGE_KEY, theme);
  } catch {
    // Storage is forbidden: it holds until the page is closed.
  }
  apply(theme);
}

/** Puts the theme on the page, and follows the system for as long as nothing else was chosen. */
export function startTheme(): void {
  apply(storedTheme());
  prefersDark().addEventListener("change", () => {
    if (storedTheme() === "system") apply("system");
  });
}

function apply(theme: Theme): void {
  const isDark = theme === "dark" || (theme === "system" && prefersDark().matches);
  document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
}

function readStored(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}
