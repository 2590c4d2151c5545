// What other views need of the peers.

export { Reachability } from "./reachability.tsx";
export { routeKey } from "./route-key.ts";
export { TrackersFinding } from "./trackers-finding.tsx";
export { useReach } from "./use-reach.ts";
