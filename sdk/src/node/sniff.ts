import type { Socket } from "node:net";

/** What a connection speaks, by its first bytes. */
export type Speech = "tls" | "http2" | "http1";

/** A client has this long for its first bytes. */
const SNIFF_TIMEOUT_MS = 10_000;
const TLS_HANDSHAKE = 0x16;
/** How HTTP/2 with prior knowledge begins (RFC 9113, 3.4). No method of HTTP/1.1 does. */
const HTTP2_PREFACE = "PRI ";

/** From the beginning of what came; undefined while it may still be one or the other. */
export function speechOf(start: Uint8Array): Speech | undefined {
  if (start.length === 0) return undefined;
  if (start[0] === TLS_HANDSHAKE) return "tls";
  for (let index = 0; index < HTTP2_PREFACE.length; index++) {
    const byte = start[index];
    if (byte === undefined) return undefined;
    if (byte !== HTTP2_PREFACE.charCodeAt(index)) return "http1";
  }
  return "http2";
}

/**
 * Calls back once with what the connection speaks, all bytes put back. A connection that says nothing in time, or ends
 * before it can be told, is closed.
 */
export function sniff(socket: Socket, onSpeech: (speech: Speech) => void): void {
  let start: Buffer = Buffer.alloc(0);
  const stop = () => {
    clearTimeout(timer);
    socket.off("readable", onReadable);
    socket.off("end", giveUp);
    socket.off("error", giveUp);
  };
  const giveUp = () => {
    stop();
    socket.destroy();
  };
  const onReadable = () => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    start = Buffer.concat([start, chunk]);
    const speech = speechOf(start);
    if (speech === undefined) return;
    stop();
    socket.unshift(start);
    onSpeech(speech);
  };
  const timer = setTimeout(giveUp, SNIFF_TIMEOUT_MS);
  socket.on("readable", onReadable);
  socket.on("end", giveUp);
  socket.on("error", giveUp);
}
