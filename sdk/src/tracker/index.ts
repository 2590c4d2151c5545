export * from "./announced-file.ts";
export * from "./api.ts";
export * from "./keep-registered.ts";
export { trackerEvents, type TrackerEventsOptions } from "./tracker-events.ts";
export * from "./tracker-client.ts";
export * from "./tracker-retry.ts";
