import { PanalError } from "@panal/sdk";
import type { ReadAnswer } from "../engine/engine-api.ts";

/** The part of a client that is needed here. */
export interface AskedPage<Message> {
  postMessage(message: Message, transfer: Transferable[]): void;
}

/** Asks a page for bytes. Throws what the page throws; "aborted" as soon as the signal fires, of which the page is told. */
export async function askPage<Message>(
  page: AskedPage<Message>,
  message: Message,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { port1: port, port2 } = new MessageChannel();
  const answered = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  port.addEventListener("message", ({ data }: MessageEvent<ReadAnswer>) => {
    if (data.type === "bytes") answered.resolve(data.bytes);
    else answered.reject(new PanalError(data.code, data.message));
  });
  const stop = () => {
    port.postMessage("cancel");
    answered.reject(new PanalError("aborted", "nobody waits for it any more"));
  };
  signal?.addEventListener("abort", stop, { once: true });
  port.start();
  page.postMessage(message, [port2]);
  try {
    return await answered.promise;
  } finally {
    signal?.removeEventListener("abort", stop);
    port.close();
  }
}
