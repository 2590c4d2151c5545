export * from "./fetch-transport.ts";
export * from "./hash-workers.ts";
export * from "./limited-fetch.ts";
export * from "./opfs-downloads.ts";
export * from "./opfs-store.ts";
export * from "./peer.ts";
export * from "./picked-downloads.ts";
export * from "./picked-file-store.ts";
