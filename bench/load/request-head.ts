interface RequestOptions {
  method: "GET" | "POST" | "PUT" | "PATCH";
  path: string;
  port: number;
  lease?: string | undefined;
  /** Default: no body. */
  contentLength?: number;
}

/** A request of a peer or a program, as far as its body; without one, it is whole. */
export function requestHead({ method, path, port, lease, contentLength }: RequestOptions): string {
  return [
    `${method} ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    ...(lease === undefined ? [] : [`authorization: Bearer ${lease}`]),
    ...(method === "GET" ? [] : [`content-length: ${contentLength ?? 0}`]),
    ...(contentLength === undefined ? [] : ["content-type: application/json"]),
    "\r\n",
  ].join("\r\n");
}
