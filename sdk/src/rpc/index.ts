export * from "./byte-transport.ts";
