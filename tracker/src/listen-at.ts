import { PanalError } from "@panal/sdk";
import { type ListenOptions, type Listening, listen } from "@panal/sdk/node";
import type { ListenPort } from "./config.ts";

/** A port nobody chose may be another's; then any will do, since whoever comes there is told which. Throws "conflict" for one that was chosen. */
export async function listenAt(
  { port, isChosen }: ListenPort,
  setting: string,
  options: Omit<ListenOptions, "port">,
): Promise<Listening> {
  try {
    return await listen({ ...options, port });
  } catch (error) {
    if (PanalError.from(error).code !== "conflict") throw error;
    if (!isChosen) return listen({ ...options, port: 0 });
    throw new PanalError(
      "conflict",
      `--${setting}: ${port} is taken by another program: stop that, choose another port, or "off"`,
      { cause: error },
    );
  }
}
