import type { Peer } from "@panal/sdk";

/** Why this page doesn't get through to a peer. */
export type Obstacle =
  /** It has announced no address. */
  | "no-address"
  /** The page is https and the peer isn't. */
  | "mixed-content"
  /** The browser asks, or was told not to let pages reach this network. */
  | "local-network"
  /** Something answers there, but doesn't let this page read. */
  | "cross-origin"
  /** Nothing answers. */
  | "silent";

interface Surroundings {
  readonly isSecurePage: boolean;
  /** The page comes from this machine or network itself: then browsers ask nobody before it reaches into that. */
  readonly isPageNear: boolean;
  /** Undefined where browsers know no such permission. */
  localNetwork(): Promise<PermissionState | undefined>;
  /** Whether anything answers at a URL, readable or not. */
  answers(url: string, signal: AbortSignal): Promise<boolean>;
}

/** Looks for what is in the way, the likeliest first. Only worth asking when a peer could not be reached. */
export async function diagnosePeer(
  peer: Pick<Peer, "endpoints">,
  { isSecurePage, isPageNear, localNetwork, answers }: Surroundings,
  signal: AbortSignal,
): Promise<Obstacle> {
  // The gateway answers for every peer: that it does says nothing of this one.
  const endpoints = peer.endpoints.filter(({ route }) => route === "direct");
  if (endpoints.length === 0) return "no-address";
  const allowed = isSecurePage ? endpoints.filter(({ url }) => url.startsWith("https:")) : endpoints;
  for (const { url } of allowed) {
    if (await answers(url, signal)) return "cross-origin";
  }
  const permission = isPageNear ? undefined : await localNetwork();
  if (permission === "denied" || permission === "prompt") return "local-network";
  return allowed.length === 0 ? "mixed-content" : "silent";
}

/** Whether a URL's host is this machine, or an address that only a network of somebody's own has. Of a name nobody can tell. */
export function isNearHost(hostname: string): boolean {
  if (hostname.startsWith("[")) return /^\[(::1\]|f[cd]|fe[89ab])/.test(hostname);
  if (hostname === "localhost") return true;
  return /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))(\.\d{1,3}){1,3}$/.test(hostname);
}

/** What this browser and page are like. */
export function surroundings(): Surroundings {
  return {
    isSecurePage: location.protocol === "https:",
    isPageNear: isNearHost(location.hostname),
    async localNetwork() {
      // The first is what Chromium calls it by now, the second what it was called.
      for (const name of ["local-network", "local-network-access"]) {
        try {
          const { state } = await navigator.permissions.query({ name: name as PermissionName });
          return state;
        } catch {
          // It knows no such permission.
        }
      }
      return undefined;
    },
    async answers(url, signal) {
      try {
        await fetch(`${url.replace(/\/+$/, "")}/.well-known/panal`, {
          mode: "no-cors",
          cache: "no-store",
          signal,
        });
        return true;
      } catch {
        return false;
      }
    },
  };
}
