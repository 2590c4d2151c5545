export * from "./errors.ts";
export * from "./content/index.ts";
export * from "./rpc/index.ts";
export * from "./tracker/index.ts";
export * from "./transfer/index.ts";
