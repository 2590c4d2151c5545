export * from "./byte-transport.ts";
export { type FileStore, type FileStoreOptions, createFileStore } from "./file-store.ts";
export * from "./grpc-peer.ts";
export * from "./hash-threads.ts";
export * from "./hasher.ts";
export * from "./leftovers.ts";
export * from "./peer.ts";
export * from "./process-lock.ts";
export * from "./thread-script.ts";
