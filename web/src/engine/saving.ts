import { PanalError, throwIfAborted } from "@panal/sdk";
import { fileIdLength } from "@panal/sdk/content";
import type { SaveFile, SaveOpened, SaveRequest, SaveUpdate } from "./engine-api.ts";

interface SavingDeps {
  /** The bytes of a file from its beginning to its end, verified. */
  readThrough(file: SaveFile, signal: AbortSignal): AsyncIterable<Uint8Array<ArrayBuffer>>;
  tell(update: SaveUpdate): void;
}

interface Save {
  readonly id: string;
  readonly lengthBytes: number;
  readonly stop: AbortController;
  next(): Promise<{ done?: boolean | undefined; value?: Uint8Array | undefined }>;
  givenBytes: number;
}

/** Files on their way into the browser's downloads: a stream each, of which the service worker takes part after part. */
export function createSaving({ readThrough, tell }: SavingDeps) {
  const saves = new Map<string, Save>();

  function end(save: Save, state: SaveUpdate["state"], error?: PanalError): void {
    if (!saves.delete(save.id)) return;
    save.stop.abort();
    const { id, givenBytes } = save;
    tell({ id, givenBytes, state, ...(error === undefined ? {} : { code: error.code }) });
  }

  async function partsOf({ files, isZip }: SaveRequest, signal: AbortSignal) {
    const open = (file: SaveFile) => readThrough(file, signal);
    if (!isZip) {
      const [file] = files;
      if (file === undefined || files.length > 1) throw new PanalError("invalid", "expected one file");
      const parts = open(file)[Symbol.asyncIterator]();
      return { lengthBytes: fileIdLength(file.fileId), next: () => parts.next() };
    }
    const { zipLength, zipStream } = await import("./zip-stream.ts");
    const entries = files.map((file) => ({ ...file, lengthBytes: fileIdLength(file.fileId) }));
    const reader = zipStream(entries, open).getReader();
    return { lengthBytes: zipLength(entries), next: () => reader.read() };
  }

  return {
    /** Its length, before anything is fetched. */
    async open(request: SaveRequest): Promise<SaveOpened> {
      const stop = new AbortController();
      const parts = await partsOf(request, stop.signal);
      saves.set(request.id, { id: request.id, stop, givenBytes: 0, ...parts });
      return { lengthBytes: parts.lengthBytes };
    },

    /** The next bytes; none once all were given. Rejects with "not-found" for one that is over or somebody else's. */
    async read(id: string): Promise<Uint8Array<ArrayBuffer>> {
      const save = saves.get(id);
      if (save === undefined) throw new PanalError("not-found", "nothing is being saved here under this id");
      try {
        const { value = new Uint8Array() } = await save.next();
        throwIfAborted(save.stop.signal);
        save.givenBytes += value.length;
        const isOver = value.length === 0;
        if (isOver && save.givenBytes !== save.lengthBytes) {
          throw new PanalError("internal", `${save.givenBytes} bytes instead of ${save.lengthBytes}`);
        }
        if (isOver) end(save, "done");
        else tell({ id, givenBytes: save.givenBytes, state: "running" });
        // In a buffer of its own, since it changes hands.
        return new Uint8Array(value);
      } catch (error) {
        const failure = PanalError.from(error);
        end(save, failure.code === "aborted" ? "cancelled" : "failed", failure);
        throw failure;
      }
    },

    /** Nobody takes it any more. */
    cancel(id: string): void {
      const save = saves.get(id);
      if (save !== undefined) end(save, "cancelled");
    },
  };
}
