import { type MessagePort, parentPort } from "node:worker_threads";
import { PanalError } from "@panal/sdk/thread";
import { type Found, type ScanOptions, scan } from "./scan.ts";

/** What is sent at a time: what the other side deals with in some ten milliseconds. */
const BATCH_LENGTH = 1000;
/** From a slow disk things come in smaller batches, so that they can be served soon. */
const BATCH_MS = 100;

/** Begins to look (and forgets what it looked at before), or goes on. */
export interface ScanRequest {
  readonly id: number;
  readonly begin?: ScanOptions;
}

/** Errors lose their class and code on the way out of a thread. */
export type ScanReply =
  | {
      readonly id: number;
      readonly type: "found";
      readonly files: FileColumns;
      readonly skipped: Skipped[];
      readonly isLast: boolean;
    }
  | {
      readonly id: number;
      readonly type: "failed";
      readonly code: PanalError["code"];
      readonly message: string;
    };

type Skipped = Extract<Found, { type: "skipped" }>;

/** Files, column by column: as objects they would take three times as long to arrive. */
export interface FileColumns {
  readonly paths: string[];
  readonly sizes: number[];
  readonly mtimesNs: bigint[];
  readonly inos: bigint[];
  readonly devs: bigint[];
}

function serve(port: MessagePort): void {
  let found: Iterator<Found> = [].values();

  function nextBatch(): Pick<Extract<ScanReply, { type: "found" }>, "files" | "skipped" | "isLast"> {
    const files: FileColumns = { paths: [], sizes: [], mtimesNs: [], inos: [], devs: [] };
    const skipped: Skipped[] = [];
    const deadline = performance.now() + BATCH_MS;
    while (files.paths.length + skipped.length < BATCH_LENGTH && performance.now() < deadline) {
      const { done, value } = found.next();
      if (done === true) return { files, skipped, isLast: true };
      if (value.type === "skipped") {
        skipped.push(value);
        continue;
      }
      const { size, mtimeNs, ino, dev } = value.stamp;
      files.paths.push(value.path);
      files.sizes.push(size);
      files.mtimesNs.push(mtimeNs);
      files.inos.push(ino);
      files.devs.push(dev);
    }
    return { files, skipped, isLast: false };
  }

  port.on("message", ({ id, begin }: ScanRequest) => {
    let reply: ScanReply;
    try {
      if (begin !== undefined) found = scan(begin);
      reply = { id, type: "found", ...nextBatch() };
    } catch (error) {
      const { code, message } = PanalError.from(error);
      reply = { id, type: "failed", code, message };
    }
    port.postMessage(reply);
  });
}

if (parentPort !== null) serve(parentPort);
