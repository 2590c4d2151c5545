import {
  type ByteRange,
  type FileBody,
  PanalError,
  type PullAnswer,
  type RelayedRequest,
  createCallServer,
} from "@panal/sdk";
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
  function noteIfChanged(file: SharedFile, error: unknown): void {
    if (PanalError.from(error).code === "changed") onChanged(file);
  }

  /** Through here, for messages. */
  async function* read(file: SharedFile, range: ByteRange, agent: string | undefined) {
    const { file: content } = file;
    try {
      const bytes = content instanceof Blob ? readFile(content, range) : await content.read(range);
      yield* readers.count(bytes, { agent, file });
    } catch (error) {
      noteIfChanged(file, error);
      throw error;
    }
  }

  /** Straight from the disk, if it is whole: so the relay asks for what anybody wants of a file. */
  async function open(file: SharedFile, { start, end }: ByteRange, agent: string | undefined) {
    const { file: content } = file;
    if (!(content instanceof Blob)) return readers.count(await content.read({ start, end }), { agent, file });
    const blob = content.slice(start, end);
    if (blob.size !== end - start) {
      onChanged(file);
      throw new PanalError("changed", "the file is shorter than it was");
    }
    const reader = readers.open({ agent, file });
    const body: FileBody = {
      blob,
      onTaken: reader.sent,
      onEnd(error) {
        reader.close();
        if (error !== undefined) noteIfChanged(file, error);
      },
    };
    return body;
  }

  const calls = createCallServer(createPeerService({ shared, profile, read }));
  const door = createFilesDoor({ shared, open });
  return async (request) =>
    (await calls(request)) ?? (await door(request)) ?? text(404, "here are PeerService and /files/");
}
