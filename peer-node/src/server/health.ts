import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import {
  type Health,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "@panal/sdk/gen/grpc/health/v1/health_pb";

export interface HealthState {
  /** Health, as the standard service tells it. */
  readonly service: ServiceImpl<typeof Health>;
  /** No new work from now on, for good: everybody who watches is told, and no longer waits for more. */
  setNotServing(): void;
}

/** `grpc.health.v1.Health` for these services, by full name; the empty name is the server as a whole. */
export function createHealth(serviceNames: readonly string[]): HealthState {
  const known = new Set(["", ...serviceNames]);
  let status: ServingStatus = ServingStatus.SERVING;
  let changed = Promise.withResolvers<void>();

  return {
    service: {
      check({ service }) {
        if (!known.has(service)) throw new ConnectError(`no service ${service}`, Code.NotFound);
        return { status };
      },
      async *watch({ service }, { signal }) {
        const gone = Promise.withResolvers<void>();
        signal.addEventListener("abort", () => gone.resolve(), { once: true });
        while (!signal.aborted) {
          const next = changed.promise;
          const isLast = status === ServingStatus.NOT_SERVING;
          yield { status: known.has(service) ? status : ServingStatus.SERVICE_UNKNOWN };
          // Nothing comes after that, and a stream that stays open would hold up whoever waits for answers to end.
          if (isLast) return;
          await Promise.race([next, gone.promise]);
        }
      },
    },
    setNotServing() {
      if (status === ServingStatus.NOT_SERVING) return;
      status = ServingStatus.NOT_SERVING;
      changed.resolve();
      changed = Promise.withResolvers();
    },
  };
}
