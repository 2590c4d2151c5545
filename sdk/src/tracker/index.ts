export * from "./api.ts";
export * from "./tracker-client.ts";
