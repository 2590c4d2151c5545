/** What some browsers tell of the network. */
export interface NetworkNews extends Partial<EventTarget> {
  readonly saveData?: boolean;
  readonly type?: string;
}

/** Whether each byte may cost something, as far as the browser says. */
export function isMetered(network: NetworkNews | undefined): boolean {
  return network?.saveData === true || network?.type === "cellular";
}

/** The network of this page; undefined in browsers that tell nothing of it. */
export function pageNetwork(): NetworkNews | undefined {
  return (navigator as { connection?: NetworkNews }).connection;
}
