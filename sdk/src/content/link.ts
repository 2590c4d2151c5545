import { PanalError } from "../errors.ts";
import { type FileId, isFileId } from "./file-id.ts";

/** What a Panal link leads to. */
export interface FileLink {
  readonly fileId: FileId;
  /** `scheme://host[:port]` of the tracker that knows its peers. */
  readonly trackerUrl: string;
}

/** `{tracker}/f/{fileId}`: opens the file's page in a browser, and `download` takes it. */
export function formatLink({ fileId, trackerUrl }: FileLink): string {
  return `${trackerUrl.replace(/\/+$/, "")}/f/${fileId}`;
}

/** The link in a text, or undefined when it isn't one. An http(s) URL that is not a Panal link throws "invalid". */
export function parseLink(text: string): FileLink | undefined {
  if (!/^https?:\/\//i.test(text)) return undefined;
  // No URL class here: it is not part of the language, and these links need less.
  const match = /^(https?:\/\/[^/?#@\s]+)\/f\/([^/?#]+)\/?(?:[?#].*)?$/i.exec(text);
  const [, trackerUrl, fileId] = match ?? [];
  if (trackerUrl === undefined || fileId === undefined || !isFileId(fileId)) {
    throw new PanalError("invalid", `not a link to a file: ${JSON.stringify(text.slice(0, 200))}`);
  }
  return { fileId, trackerUrl };
}
