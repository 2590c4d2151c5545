import { Socket, type SocketConstructorOpts } from "node:net";

/** Where the next bytes are to be received, and what is told of those that came there: false stops it until `resume`. */
export interface Placing {
  memory(): Uint8Array;
  received(bytes: number): boolean;
}

/** What Node has behind a socket. It offers this to sockets that connect (`onread`), and has it for those that were accepted, too. */
interface SystemHandle {
  reading: boolean;
  readStop(): void;
  useUserBuffer(memory: Uint8Array): void;
}

/**
 * The same accepted connection as a socket that receives where it is told to: the usual way takes new memory for each 64 KiB, and for what an
 * upload of a gigabyte leaves behind Node looks through all of its memory forty times. What `socket` has received must have been read.
 * Undefined where Node is made otherwise.
 */
export function placedSocket(socket: Socket, placing: Placing): Socket | undefined {
  const holder = socket as unknown as { _handle?: Partial<SystemHandle> | null };
  const handle = holder._handle;
  if (!isPlacing(handle)) return undefined;
  handle.readStop();
  handle.reading = false;
  holder._handle = null;
  const onread = { buffer: () => placing.memory(), callback: (bytes: number) => placing.received(bytes) };
  const placed = new Socket({ handle, onread } as unknown as SocketConstructorOpts);
  // The first one is what its server counts, ends and cuts.
  socket.once("finish", () => placed.end());
  socket.once("close", () => placed.destroy());
  placed.once("close", () => socket.destroy());
  return placed;
}

function isPlacing(handle: Partial<SystemHandle> | null | undefined): handle is SystemHandle {
  return typeof handle?.useUserBuffer === "function" && typeof handle.readStop === "function";
}
