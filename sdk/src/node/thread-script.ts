import { extname } from "node:path";

/**
 * Where a thread's code is: beside the module that starts it (`url`), and in the same language. Node runs the TypeScript
 * itself; published and bundled it is all JavaScript.
 */
export function threadScript(name: string, url: string): URL {
  return new URL(`./${name}${extname(url)}`, url);
}
