import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";

/** A way to a peer that lets so much through and then nothing more, until it is told to. */
export interface HeldWay {
  readonly url: string;
  readonly isHeld: boolean;
  /** Lets everything through from now on. */
  release(): void;
  close(): Promise<void>;
}

/** A TCP relay to `url` that passes on `heldAfterBytes` of what clients send, all connections together. */
export async function openHeldWay(url: string, heldAfterBytes: number): Promise<HeldWay> {
  const { hostname, port } = new URL(url);
  let leftBytes = heldAfterBytes;
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const end = () => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", end).on("close", end);
      socket.once("close", () => sockets.delete(socket));
    }
    far.pipe(near);
    near.on("data", (chunk) => {
      leftBytes -= chunk.length;
      if (leftBytes > 0) {
        if (!far.write(chunk)) {
          near.pause();
          far.once("drain", () => near.resume());
        }
        return;
      }
      near.pause();
      waiting.add(() => {
        far.write(chunk);
        near.resume();
      });
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get isHeld() {
      return leftBytes <= 0;
    },
    release() {
      leftBytes = Infinity;
      for (const goOn of waiting) goOn();
      waiting.clear();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
