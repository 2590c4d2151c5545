import { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { PanalError } from "@panal/sdk";
import { placedSocket } from "@panal/sdk/node";
import { offerPlacedBody } from "../uploads/placed-body.ts";
import { type PlainHead, parsePlainHead } from "./plain-request.ts";
import { RestOfConnection } from "./rest-of-connection.ts";
import { isUploadStart, uploadCallOf } from "./upload-calls.ts";

/** What isn't file data is received here: a head, and what comes with it. */
const SCRATCH_BYTES = 64 * 1024;
const MAX_HEAD_BYTES = 16 * 1024;
const HEAD_END = "\r\n\r\n";
/** For the head of a request, and until the next one begins: as `listen` has it. */
const HEAD_MS = 15_000;
const IDLE_MS = 30_000;

/** Whose connection it is otherwise. */
export interface StockServer {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Goes on with a connection. */
  goOn(connection: Duplex): void;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The body of a request; without `memory` it is thrown away. */
interface Body {
  readonly type: "body";
  left: number;
  memory: Uint8Array | undefined;
  whole(): void;
}

type State =
  /** The next request is to come; `isBegun`: some of it is here. */
  | { readonly type: "head"; readonly isBegun: boolean }
  | Body
  /** All of it is here, its answer isn't out. */
  | { readonly type: "answering" }
  | { readonly type: "rest"; readonly connection: RestOfConnection };

/**
 * Takes a connection that begins with a call for an upload, and answers those calls, receiving file data straight into the memory it is hashed
 * and written from. With the first request that is anything else Node's own server goes on. False: it is none of those.
 */
export function takeUploadConnection(accepted: Socket, server: StockServer): boolean {
  const start = accepted.read() as Buffer | null;
  if (start === null) return false;
  const isTaken = start.length <= SCRATCH_BYTES && isUploadStart(start) && serve(accepted, start, server);
  if (!isTaken) accepted.unshift(start);
  return isTaken;
}

function serve(accepted: Socket, start: Buffer, server: StockServer): boolean {
  const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  /** What is in `scratch` and not taken yet. */
  let restBytes = 0;
  /** Where the next bytes come: as Node was told last, whatever has become of the state since. */
  let target: Uint8Array = scratch;
  let isBodyTarget = false;
  let state: State = { type: "head", isBegun: false };
  let current: Exchange | undefined;
  let failBody: ((error: PanalError) => void) | undefined;
  let timer: NodeJS.Timeout | undefined;

  const placed = placedSocket(accepted, { memory: nextMemory, received });
  if (placed === undefined) return false;
  const socket = placed;
  socket.on("error", () => {});
  socket.on("timeout", () => current?.request.emit("timeout"));
  socket.on("drain", () => current?.response.emit("drain"));
  socket.once("close", () => {
    clearTimeout(timer);
    failBody?.(new PanalError("aborted", "the client has gone"));
    if (current?.request.complete === false) current.request.destroy();
  });
  keep(start);
  proceed();
  return true;

  function nextMemory(): Uint8Array {
    isBodyTarget = state.type === "body" && state.memory !== undefined && restBytes === 0;
    if (state.type === "body" && state.memory !== undefined && isBodyTarget) {
      target = state.memory.subarray(state.memory.length - state.left);
    } else {
      // Full: nothing is received until there is room, and that is asked for anew then.
      target = restBytes < SCRATCH_BYTES ? scratch.subarray(restBytes) : Buffer.alloc(1);
    }
    return target;
  }

  /** False makes the socket wait. */
  function received(bytes: number): boolean {
    const data = target.subarray(0, bytes);
    if (state.type === "rest") return state.connection.push(Buffer.from(data));
    if (isBodyTarget && state.type === "body") {
      state.left -= bytes;
      if (state.left === 0) state.whole();
    } else {
      keep(data);
      proceed();
    }
    return restBytes < SCRATCH_BYTES;
  }

  /** Behind what is there; usually it is there already, unless something before it was taken meanwhile. */
  function keep(data: Uint8Array): void {
    if (restBytes + data.length > SCRATCH_BYTES) return void socket.destroy();
    scratch.set(data, restBytes);
    restBytes += data.length;
  }

  function drop(bytes: number): void {
    scratch.copyWithin(0, bytes, restBytes);
    restBytes -= bytes;
  }

  /** Takes what is there, as far as that goes. */
  function proceed(): void {
    while (restBytes > 0 || (state.type === "body" && state.left === 0)) {
      if (state.type === "head") {
        const end = scratch.subarray(0, Math.min(restBytes, MAX_HEAD_BYTES)).indexOf(HEAD_END);
        if (end < 0 && restBytes < MAX_HEAD_BYTES) return waitForHead(state.isBegun);
        const head = end < 0 ? undefined : parsePlainHead(scratch.toString("latin1", 0, end));
        const call = head && uploadCallOf(head);
        if (head === undefined || call === undefined) return handOn();
        drop(end + HEAD_END.length);
        begin(head, call);
      } else if (state.type === "body") {
        const bytes = Math.min(restBytes, state.left);
        state.memory?.set(scratch.subarray(0, bytes), state.memory.length - state.left);
        state.left -= bytes;
        drop(bytes);
        if (state.left > 0) return;
        state.whole();
      } else return;
    }
  }

  function waitForHead(isBegun: boolean): void {
    if (isBegun) return;
    state = { type: "head", isBegun: true };
    cutIn(HEAD_MS);
  }

  function cutIn(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => socket.destroy(), ms).unref();
  }

  function begin(head: PlainHead, call: "short" | "file-data"): void {
    clearTimeout(timer);
    const request = new IncomingMessage(socket);
    Object.assign(request, { httpVersion: "1.1", httpVersionMajor: 1, httpVersionMinor: 1 });
    request.method = head.method;
    request.url = head.url;
    request.headers = Object.fromEntries(head.headers);
    // What it has comes as a whole: whoever reads it doesn't decide what is received.
    request._read = () => {};
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    const exchange = { request, response };
    current = exchange;
    response.once("finish", () => answered(exchange));

    const memory = call === "short" ? Buffer.allocUnsafe(head.length) : undefined;
    const body: Body = {
      type: "body",
      left: head.length,
      memory,
      whole: () => bodyIsWhole(exchange, memory),
    };
    state = body;
    if (call === "file-data") {
      offerPlacedBody(request, (place) => {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        if (socket.destroyed) reject(new PanalError("aborted", "the client has gone"));
        failBody = reject;
        body.memory = place;
        body.whole = () => {
          failBody = undefined;
          bodyIsWhole(exchange, undefined);
          resolve();
        };
        return promise;
      });
    }
    server.handle(request, response);
  }

  function bodyIsWhole(exchange: Exchange, bytes: Buffer | undefined): void {
    const { request, response } = exchange;
    state = { type: "answering" };
    request.complete = true;
    if (bytes !== undefined && bytes.length > 0) request.push(bytes);
    request.push(null);
    // Of one whose data went elsewhere, nobody waits for the end, but what was set up for it ends with it.
    if (bytes === undefined) request.resume();
    if (response.writableFinished) next();
  }

  function answered({ request, response }: Exchange): void {
    response.detachSocket(socket);
    process.nextTick(() => {
      response.destroyed = true;
      response.emit("close");
    });
    // An answer may come before the end of what it refuses.
    if (request.complete) next();
  }

  function next(): void {
    current = undefined;
    state = { type: "head", isBegun: false };
    cutIn(IDLE_MS);
    proceed();
    socket.resume();
  }

  function handOn(): void {
    clearTimeout(timer);
    const connection = new RestOfConnection(socket);
    state = { type: "rest", connection };
    server.goOn(connection);
    connection.push(Buffer.from(scratch.subarray(0, restBytes)));
    restBytes = 0;
  }
}
