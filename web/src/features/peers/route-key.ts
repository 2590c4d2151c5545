/** The words for the way bytes come. */
export function routeKey(route: string): "route.direct" | "route.gateway" | "route.relay" {
  switch (route) {
    case "gateway":
    case "relay":
      return `route.${route}`;
    default:
      return "route.direct";
  }
}
