import { PanalError, type PullAnswer, type RelayedRequest, createCallServer } from "@panal/sdk";
import { createFilesDoor, text } from "./files-door.ts";
import { type TabProfile, createPeerService } from "./peer-service.ts";
import { readFile } from "./read-file.ts";
import type { Readers } from "./readers.ts";
import type { SharedFile, SharedFiles } from "./shared-files.ts";

export interface AnswererOptions {
  shared: SharedFiles;
  profile: TabProfile;
  readers: Readers;
  /** A file can't be read as it was: it isn't shared any more. */
  onChanged(file: SharedFile): void;
}

/** Answers what clients ask a tab for: what any other peer answers at its port. */
export function createAnswerer({
  shared,
  profile,
  readers,
  onChanged,
}: AnswererOptions): (request: RelayedRequest) => Promise<PullAnswer> {
  async function* read(file: SharedFile, range: { start: number; end: number }, agent: string | undefined) {
    try {
      yield* readers.count(readFile(file.file, range), { agent, file });
    } catch (error) {
      if (PanalError.from(error).code === "changed") onChanged(file);
      throw error;
    }
  }

  const calls = createCallServer(createPeerService({ shared, profile, read }));
  const door = createFilesDoor({ shared, read });
  return async (request) =>
    (await calls(request)) ?? door(request) ?? text(404, "here are PeerService and /files/");
}
