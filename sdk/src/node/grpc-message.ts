const GRPC_MESSAGE = "grpc-message";

/** A text as gRPC's message: only "%" and what isn't printable ASCII is encoded (grpc/doc/PROTOCOL-HTTP2.md, Percent-Encoded). */
export function grpcMessage(text: string): string {
  return plain(encodeURIComponent(text.toWellFormed()));
}

/**
 * Takes back encoding that gRPC doesn't ask for: Connect encodes commas and colons, too, which grpc-js doesn't decode and so
 * shows to people. Changes the trailers it is given.
 */
export function plainGrpcMessage(trailers: Headers): Headers {
  const message = trailers.get(GRPC_MESSAGE);
  if (message === null) return trailers;
  trailers.set(GRPC_MESSAGE, plain(message));
  return trailers;
}

function plain(encoded: string): string {
  return encoded.replace(/%(?!25|7f)([2-7][0-9a-f])/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
