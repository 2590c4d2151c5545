import { expect, it } from "vitest";
import { grpcMessage, plainGrpcMessage } from "./grpc-message.ts";

const MESSAGES = [
  { text: 'file_id: expected 64 digits, "-" or ~', encoded: 'file_id: expected 64 digits, "-" or ~' },
  { text: "100 %41", encoded: "100 %2541" },
  { text: "ñ 🐝", encoded: "%C3%B1 %F0%9F%90%9D" },
  { text: "a\u007fb\nc\u0000", encoded: "a%7Fb%0Ac%00" },
  { text: "", encoded: "" },
];

it.each(MESSAGES)("plainGrpcMessage() leaves $encoded of what Connect encodes", ({ text, encoded }) => {
  const trailers = new Headers({ "grpc-status": "3", "grpc-message": encodeURIComponent(text) });
  plainGrpcMessage(trailers);
  expect(Object.fromEntries(trailers)).toEqual({ "grpc-status": "3", "grpc-message": encoded });
  expect(decodeURIComponent(encoded)).toBe(text);
});

it.each(MESSAGES)("grpcMessage() makes $encoded of a text", ({ text, encoded }) => {
  expect(grpcMessage(text)).toBe(encoded);
});

it("plainGrpcMessage() adds nothing to trailers without one", () => {
  expect([...plainGrpcMessage(new Headers({ "grpc-status": "0" }))]).toEqual([["grpc-status", "0"]]);
});
