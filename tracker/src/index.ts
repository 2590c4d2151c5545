export type { TrackerOptions } from "./config.ts";
export { type RunningTracker, startTracker } from "./server.ts";
