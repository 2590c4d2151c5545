import { safeFileName } from "@panal/sdk/content";

/**
 * Paths of a folder as they can be saved on any system: each name made safe, and none like another one, nor like a
 * folder's, where capitals don't count. In the order of `paths`.
 */
export function safeTree(paths: readonly string[]): string[] {
  const files = new Set<string>();
  const folders = new Set<string>();
  const safe = paths.map((path) => path.split("/").map(safeFileName));
  for (const names of safe) {
    for (let depth = 1; depth < names.length; depth++) folders.add(keyOf(names.slice(0, depth)));
  }
  return safe.map((names) => {
    const folder = names.slice(0, -1);
    const name = numberedName(names.at(-1)!, (tried) => {
      const key = keyOf([...folder, tried]);
      return !files.has(key) && !folders.has(key);
    });
    files.add(keyOf([...folder, name]));
    return [...folder, name].join("/");
  });
}

/** The name itself, else with the first number that is free: "notes (2).txt". */
export function numberedName(name: string, isFree: (name: string) => boolean): string {
  const dot = name.lastIndexOf(".");
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let number = 1; ; number++) {
    const tried = number === 1 ? name : safeFileName(`${stem.slice(0, 200)} (${number})${extension}`);
    if (isFree(tried)) return tried;
  }
}

function keyOf(names: readonly string[]): string {
  return names.join("/").toLowerCase();
}
