import type { ServerResponse } from "node:http";

/** One line for people, and the end of the answer. Headers that told of a file are taken back. */
export function answerText(response: ServerResponse, status: number, text: string): void {
  response.removeHeader("content-disposition");
  const body = Buffer.from(`${text}\n`);
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.setHeader("content-length", body.length);
  response.writeHead(status);
  response.end(response.req.method === "HEAD" ? undefined : body);
}
