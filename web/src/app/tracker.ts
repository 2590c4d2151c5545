import { createTrackerClient } from "@panal/sdk/tracker";
import { fetchOrFirstList } from "./first-list.ts";

/** The tracker that served this page. */
export const tracker = createTrackerClient({ url: location.origin, fetch: fetchOrFirstList });
