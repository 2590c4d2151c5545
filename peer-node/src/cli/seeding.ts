import { stat } from "node:fs/promises";
import { type FileDetails, type FileId, PanalError, type Store } from "@panal/sdk";
import type { FileStore } from "@panal/sdk/node";
import { stampOf } from "../library/file-stamp.ts";
import { createGrowingFile } from "../library/growing-file.ts";
import { type ServeOptions, parseServeOptions, serve } from "../serve.ts";
import type { WholeFile } from "./download-target.ts";
import { trackerSentence } from "./share-report.ts";

export interface SeedingOptions extends ServeOptions {
  fileId: FileId;
  /** What others are told the file is called. */
  fileName: string;
  /** When it was last changed, if anybody knows. */
  mtime: Date | undefined;
  /** Takes a sentence for people. */
  note: (sentence: string) => void;
}

/** A download, or what came of it, that is a source for others. */
export interface Seeding {
  /** On this machine. */
  readonly url: string;
  /** Whether that is us, as the tracker sees us. */
  isUs(peer: FileDetails["peers"][number]): boolean;
  /** To be given to the download in place of `store`. */
  keepIn(store: FileStore): Store;
  /** The file is whole, at this path; `known` when it was so from the beginning. */
  becomeWhole(path: string, known?: WholeFile): Promise<void>;
  /** Settles when the signal fires. Throws "changed" or "not-found" when the file isn't what it was. */
  untilStopped(signal: AbortSignal): Promise<void>;
  /** Logs out and stops. */
  close(): Promise<void>;
}

/** Starts to serve one file, of which nothing needs to be there yet. Throws "invalid", "conflict" for the port. */
export async function startSeeding(options: SeedingOptions): Promise<Seeding> {
  const { fileId, note, mtime } = options;
  const lost = Promise.withResolvers<never>();
  // Nobody may be waiting for it.
  lost.promise.catch(() => {});
  let isWhole = false;
  const file = createGrowingFile({
    fileId,
    name: options.fileName,
    mtimeMs: mtime?.getTime() ?? Date.now(),
    onLost: lost.reject,
  });
  const settings = await parseServeOptions(options);
  const server = await serve(file, settings, {
    onState(state) {
      // Until it is whole the download itself tells how the tracker is.
      if (isWhole || state.type === "address-taken") note(trackerSentence(state));
    },
  });
  const where = `at ${server.url} as ${settings.name}`;
  const untold = settings.tracker === undefined ? " No tracker is told of it." : "";
  note(`What has arrived is served ${where}.${untold}`);

  return {
    url: server.url,
    isUs: ({ peerId, endpoints }) =>
      peerId === server.peerId() ||
      endpoints.some(({ url }) => server.urls.includes(url.replace(/\/+$/, ""))),
    keepIn: file.keepIn,
    async becomeWhole(path, known) {
      const manifest = known?.manifest ?? file.manifest(fileId);
      if (manifest === undefined) throw new PanalError("internal", `${path}: nothing of it is known`);
      const stamp = known?.stamp ?? stampOf(await stat(path, { bigint: true }));
      await file.becomeWhole(manifest, { path, stamp });
      isWhole = true;
      note(`Seeding ${where} until it is stopped (Ctrl-C).`);
    },
    untilStopped: (signal) =>
      Promise.race([
        lost.promise,
        new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          signal.addEventListener("abort", () => resolve(), { once: true });
        }),
      ]),
    close() {
      if (server.clientCount() > 0) {
        note("Stopping; what is being sent may end. Once more, and it stops at once.");
      }
      return server.close();
    },
  };
}
