// What other views need of watching.

export { useWatching } from "./streams-context.ts";
