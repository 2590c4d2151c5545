const GRPC_MESSAGE = "grpc-message";

/**
 * Takes back encoding that gRPC doesn't ask for: a message has only "%" and what isn't printable ASCII encoded
 * (grpc/doc/PROTOCOL-HTTP2.md, Percent-Encoded). Connect encodes commas and colons, too, which grpc-js doesn't decode and so
 * shows to people. Changes the trailers it is given.
 */
export function plainGrpcMessage(trailers: Headers): Headers {
  const message = trailers.get(GRPC_MESSAGE);
  if (message === null) return trailers;
  trailers.set(
    GRPC_MESSAGE,
    message.replace(/%(?!25|7f)([2-7][0-9a-f])/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  );
  return trailers;
}
