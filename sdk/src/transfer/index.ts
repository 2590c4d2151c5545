export * from "./clock.ts";
export * from "./download.ts";
export * from "./download-options.ts";
export * from "./events.ts";
export * from "./memory-store.ts";
export * from "./source.ts";
export * from "./source-list.ts";
export * from "./store.ts";
