import { PanalError } from "@panal/sdk";
import { QueryClient } from "@tanstack/react-query";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // A machine without the internet still has its own network: only an answer tells.
      networkMode: "always",
      staleTime: 5_000,
      retry: (failures, error) => failures < 1 && isTransient(error),
      refetchOnWindowFocus: true,
    },
  },
});

/** How often a list asks again by itself; sooner while the tracker is away. */
export function refetchEvery(seconds: number) {
  return (query: { state: { status: string } }) => (query.state.status === "error" ? 5_000 : seconds * 1000);
}

function isTransient(error: unknown): boolean {
  const { code } = PanalError.from(error);
  return code === "unreachable" || code === "timeout" || code === "busy";
}
