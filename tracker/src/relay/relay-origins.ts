import { createCrossOrigin } from "@panal/sdk/node";

/** What a tab that answers over the relay sends. */
export const relayCrossOrigin = createCrossOrigin({
  methods: ["GET", "POST"],
  requestHeaders: [
    "authorization",
    "content-type",
    "connect-protocol-version",
    "connect-timeout-ms",
    "grpc-timeout",
    "x-grpc-web",
    "x-user-agent",
    "panal-pull",
    "panal-offset",
    "panal-head",
    "panal-end",
    "panal-error",
  ],
  exposedHeaders: ["grpc-status", "grpc-message", "grpc-status-details-bin"],
});
