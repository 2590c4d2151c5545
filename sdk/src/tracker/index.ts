export * from "./api.ts";
export { trackerEvents, type TrackerEventsOptions } from "./tracker-events.ts";
export * from "./tracker-client.ts";
export * from "./tracker-retry.ts";
