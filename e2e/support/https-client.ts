import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";

interface HttpsOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface HttpsClient {
  /** The answer's head; its body is the caller's to read. */
  open(path: string, options?: HttpsOptions): Promise<IncomingMessage>;
  text(path: string, options?: HttpsOptions): Promise<{ status: number; text: string }>;
}

/** Trusts one certificate authority, which `fetch` can't be told. */
export function createHttpsClient({ url, ca }: { url: string; ca: string }): HttpsClient {
  async function open(path: string, { body, ...options }: HttpsOptions = {}): Promise<IncomingMessage> {
    const sending = request(new URL(path, url), { ca, agent: false, ...options });
    sending.end(body);
    const [response] = (await once(sending, "response")) as [IncomingMessage];
    return response;
  }
  return {
    open,
    async text(path, options) {
      const response = await open(path, options);
      let text = "";
      for await (const chunk of response) text += String(chunk);
      return { status: response.statusCode ?? 0, text };
    },
  };
}
