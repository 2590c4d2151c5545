import { type Socket, connect } from "node:net";

/** Fast so far, then nothing: who trusted such a reader would have read ahead for it. */
export const STALL_AFTER_BYTES = 4 * 1024 * 1024;

/** Sends a request, reads a little of the answer and stops; settles then. */
export function startStallingReader(port: number, request: Uint8Array): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let read = 0;
    socket.write(request);
    socket.on("data", (chunk) => {
      read += chunk.length;
      if (read < STALL_AFTER_BYTES) return;
      socket.pause();
      resolve(socket);
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`a reader got ${read} bytes only`)));
  });
}
