import { firstFreeName, safeFileName } from "@panal/sdk/content";

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
    const name = firstFreeName(names.at(-1)!, (tried) => {
      const key = keyOf([...folder, tried]);
      return !files.has(key) && !folders.has(key);
    });
    files.add(keyOf([...folder, name]));
    return [...folder, name].join("/");
  });
}

function keyOf(names: readonly string[]): string {
  return names.join("/").toLowerCase();
}
