export * from "./collect.ts";
export * from "./fake-source.ts";
export * from "./fake-upload-target.ts";
export * from "./sample-file.ts";
export * from "./source-suite.ts";
export * from "./store-suite.ts";
export * from "./virtual-clock.ts";
