import { readFile, writeFile } from "node:fs/promises";
import { settingsTable } from "../tracker/src/settings.ts";
import { ROOT } from "./run-command.ts";

const FILE = `${ROOT}/docs/operating.md`;
const MARKED = /(<!-- settings: [^>]*-->\n)[\s\S]*?(<!-- \/settings -->)/;

/** Puts the tracker's settings where docs/operating.md shows them. */
export async function writeSettingsDocs(): Promise<void> {
  const text = await readFile(FILE, "utf8");
  if (!MARKED.test(text)) throw new Error(`${FILE}: the marks around the settings are gone`);
  await writeFile(
    FILE,
    text.replace(MARKED, (_, start: string, end: string) => `${start}${settingsTable()}\n${end}`),
  );
}
