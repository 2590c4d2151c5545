import { createTrackerClient } from "@panal/sdk";

/** The tracker that served this page. */
export const tracker = createTrackerClient({ url: location.origin });
