import { type FileUpload, MAX_SHOWN_FILES } from "./uploading-api.ts";

/** What there is most to say about comes first. */
const ORDER: readonly ((file: FileUpload) => boolean)[] = [
  ({ phase }) => phase === "failed",
  ({ phase }) => phase === "sending" || phase === "hashing",
  ({ at }) => at !== undefined,
  ({ phase }) => phase === "sent" || phase === "there",
];

/** Of what may be tens of thousands of files those a person wants to see, MAX_SHOWN_FILES at most. */
export function shownFiles(files: readonly FileUpload[]): FileUpload[] {
  const groups = ORDER.map((): FileUpload[] => []);
  const rest: FileUpload[] = [];
  for (const file of files) {
    const group = groups[ORDER.findIndex((belongs) => belongs(file))] ?? rest;
    if (group.length < MAX_SHOWN_FILES) group.push(file);
  }
  return [...groups.flat(), ...rest].slice(0, MAX_SHOWN_FILES).map((file) => ({ ...file }));
}
