import type { FileRow } from "@panal/sdk/tracker";
import type { SaveFile } from "../../engine/engine-api.ts";

/** Selected files as they are saved: with the folders that not all of them have in common. */
export function filesToSave(rows: readonly Pick<FileRow, "fileId" | "path" | "mtime">[]): SaveFile[] {
  const paths = rows.map(({ path }) => path.split("/"));
  const [first = []] = paths;
  let common = 0;
  // A file's own name is no folder.
  while (paths.every((names) => common < names.length - 1 && names[common] === first[common])) {
    if (paths.length === 0) break;
    common++;
  }
  return rows.map(({ fileId, mtime }, index) => ({
    fileId,
    path: paths[index]!.slice(common).join("/"),
    modifiedMs: Date.parse(mtime),
  }));
}
