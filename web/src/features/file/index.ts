// What other views need of a file.

export { doorLinks } from "./door-link.ts";
export { useFile } from "./use-file.ts";
