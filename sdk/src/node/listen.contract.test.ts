import { connect as connectNet } from "node:net";
import { describe, expect, it } from "vitest";
import { listen } from "./listen.ts";

describe("connections", () => {
  it("of one client are so many at most; others get in, and it, too, when one of its own ends", async () => {
    const { address, port, close } = await listen({
      host: "127.0.0.1",
      port: 0,
      handler: (_request, response) => void response.end("here"),
      maxConnectionsOfClient: 2,
    });
    /** What a connection from an address is answered; empty when it is cut off. */
    async function ask(localAddress: string): Promise<{ text: string; end: () => Promise<void> }> {
      const socket = connectNet({ host: address, port, localAddress });
      socket.on("error", () => {});
      let text = "";
      // Not by once(), which takes a connection that is reset for a failure.
      const closed = new Promise<void>((resolve) => {
        socket.once("close", () => resolve());
      });
      const answered = new Promise<void>((resolve) => {
        socket.on("data", (chunk) => {
          text += String(chunk);
          if (text.endsWith("here")) resolve();
        });
      });
      socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await Promise.race([answered, closed]);
      const end = async () => {
        socket.end();
        await closed;
      };
      return { text, end };
    }
    const first = await ask("127.0.0.1");
    const second = await ask("127.0.0.1");
    expect([first.text, second.text]).toEqual([
      expect.stringMatching(/here$/),
      expect.stringMatching(/here$/),
    ]);
    expect((await ask("127.0.0.1")).text).toBe("");
    expect((await ask("127.0.0.2")).text).toMatch(/here$/);
    await first.end();
    // Our end is closed; the server's follows.
    await expect.poll(async () => (await ask("127.0.0.1")).text).toMatch(/here$/);
    await close(0);
  });
});
