// What other views need of watching.

export { useWatching, type Watching } from "./streams-context.ts";
