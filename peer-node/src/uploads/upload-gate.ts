import type { IncomingMessage, ServerResponse } from "node:http";
import { PanalError, UPLOAD_CODE_HEADER } from "@panal/sdk";
import { clientOf } from "@panal/sdk/node";
import { isUploadCode } from "./upload-code.ts";

/** Wrong codes an address may try at once, and how long until it may try one more: a guess every six seconds finds nothing. */
const MAX_WRONG_CODES = 10;
const WRONG_CODE_MS = 6_000;
/** Addresses whose wrong codes are remembered. */
const MAX_REMEMBERED = 10_000;
/** Messages of uploads at a time, each of 4 MiB at most: what of memory they take together, and what one client of it. */
const MAX_CALLS = 64;
const MAX_CALLS_OF_CLIENT = 24;

/** Who may upload, decided before any of the message is read. */
export interface UploadGate {
  /**
   * Lets a call in, until its answer is over. `maxBytes`: of its body, if that has a limit. Throws "too-large", "unauthorized" without the right code, "busy" for too many wrong ones,
   * "unreachable" when too much comes at once.
   */
  enter(request: IncomingMessage, response: ServerResponse, maxBytes: number | undefined): void;
}

export interface UploadGateOptions {
  /** Undefined: everybody may. */
  code: string | undefined;
  /** Milliseconds since 1970. */
  now?: () => number;
}

export function createUploadGate({ code, now = Date.now }: UploadGateOptions): UploadGate {
  /** Wrong codes by client, as of a moment: they are forgotten one by one. */
  const wrong = new Map<string, { count: number; atMs: number }>();
  const calls = new Map<string, number>();
  let callCount = 0;

  function wrongOf(client: string): number {
    const entry = wrong.get(client);
    return entry === undefined ? 0 : Math.max(0, entry.count - (now() - entry.atMs) / WRONG_CODE_MS);
  }

  function checkCode(client: string, given: string | string[] | undefined): void {
    if (code === undefined) return;
    if (typeof given !== "string" || given === "") {
      throw new PanalError(
        "unauthorized",
        "this peer takes uploads with its upload code only; whoever runs it has it",
      );
    }
    const count = wrongOf(client);
    // Also the right one: a guess must not be found out to be right.
    if (count > MAX_WRONG_CODES - 1) {
      throw new PanalError("busy", "too many wrong upload codes from your address: try again in a minute");
    }
    if (isUploadCode(given, code)) return;
    wrong.delete(client);
    wrong.set(client, { count: count + 1, atMs: now() });
    const [oldest] = wrong.keys();
    if (wrong.size > MAX_REMEMBERED && oldest !== undefined) wrong.delete(oldest);
    throw new PanalError("unauthorized", "that is not this peer's upload code");
  }

  return {
    enter(request, response, maxBytes) {
      const client = clientOf(request.socket.remoteAddress);
      checkCode(client, request.headers[UPLOAD_CODE_HEADER]);
      const bytes = Number(request.headers["content-length"] ?? 0);
      if (maxBytes !== undefined && bytes > maxBytes) {
        throw new PanalError("too-large", `a message of ${bytes} bytes: at most ${maxBytes} are taken`);
      }
      const ofClient = calls.get(client) ?? 0;
      if (callCount >= MAX_CALLS || ofClient >= MAX_CALLS_OF_CLIENT) {
        throw new PanalError("unreachable", "too much is being uploaded at once: try again in a moment");
      }
      callCount++;
      calls.set(client, ofClient + 1);
      response.once("close", () => {
        callCount--;
        const left = calls.get(client)! - 1;
        if (left === 0) calls.delete(client);
        else calls.set(client, left);
      });
    },
  };
}
