import { OpenAPIHono } from "@hono/zod-openapi";
import type { BodyReader } from "./body.ts";
import type { Caller } from "./caller.ts";
import type { TrackerConfig } from "./config.ts";
import type { EventBus } from "./events.ts";
import type { ViaEndpoints } from "./gateway/via-endpoints.ts";
import type { HealthState } from "./health-state.ts";
import { InvalidFieldsError } from "./invalid-fields.ts";
import type { Limits } from "./limits.ts";
import type { Manifests } from "./manifests.ts";
import type { Metrics } from "./metrics.ts";
import { problemFromError } from "./problem.ts";
import type { Registry } from "./registry.ts";
import type { RelayUrls } from "./relay/relay-urls.ts";
import type { SourceReports } from "./source-reports.ts";
import type { Store } from "./store/store.ts";
import type { WebOrigins } from "./web-origins.ts";

/** What comes with each request. */
export interface Env {
  Bindings: {
    /** Of the other end of the connection. */
    remoteAddress?: string | undefined;
    /** It has been counted against the limits already. */
    isAdmitted?: boolean;
  };
  Variables: {
    caller: Caller;
    /** Also in the answer. */
    requestId: string;
  };
}

/** What routes work with. */
export interface Services {
  readonly config: TrackerConfig;
  readonly store: Store;
  readonly registry: Registry;
  readonly reports: SourceReports;
  readonly webOrigins: WebOrigins;
  readonly events: EventBus;
  readonly bodies: BodyReader;
  readonly manifests: Manifests;
  readonly limits: Limits;
  readonly metrics: Metrics;
  readonly health: HealthState;
  /** Undefined: no gateway. */
  readonly via: ViaEndpoints | undefined;
  /** Where peers attach; undefined: no relay. */
  readonly relay: RelayUrls | undefined;
}

export type App = OpenAPIHono<Env>;

/** An app whose refusals of parameters are problems that name the parameter. */
export function createApiApp(): App {
  return new OpenAPIHono<Env>({
    defaultHook: (result, c) => {
      if (result.success) return undefined;
      const value = result.target === "param" ? c.req.param() : c.req.query();
      return problemFromError(InvalidFieldsError.fromZod(result.error, { root: result.target, value }));
    },
  });
}

/** The lease in `Authorization: Bearer <lease>`; longer than any lease is none. */
export function bearerLease(header: string | undefined): string | undefined {
  return /^Bearer +(\S{1,256})$/i.exec(header ?? "")?.[1];
}
