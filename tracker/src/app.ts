import { PanalError } from "@panal/sdk";
import { type App, type Services, createApiApp } from "./context.ts";
import { deliver } from "./delivery.ts";
import { guardHost, guardOrigin, setSafetyHeaders } from "./guards.ts";
import { TooManyError } from "./limits.ts";
import { limitRequests } from "./limit-requests.ts";
import { noteRequests } from "./note-requests.ts";
import { isServerError, problemFromError, problemResponse } from "./problem.ts";
import { nameRequest } from "./request-id.ts";
import { addDocs } from "./routes/docs.ts";
import { eventRoutes } from "./routes/events.ts";
import { fileRoutes } from "./routes/files.ts";
import { healthRoutes } from "./routes/health.ts";
import { peerFilesRoutes } from "./routes/peer-files.ts";
import { peerRoutes } from "./routes/peers.ts";
import { reportRoutes } from "./routes/reports.ts";
import { shortFormRoutes } from "./routes/short-forms.ts";
import { torrentRoutes } from "./routes/torrent.ts";
import { webAppRoutes } from "./routes/web-app.ts";

/** All that the tracker answers to over HTTP; tested with `app.request()`. The caller's address comes in the bindings. */
export function createApp(services: Services): App {
  const app = createApiApp();
  app.use(noteRequests(services));
  for (const path of ["/api/*", "/search/*", "/openapi.json"]) app.use(path, deliver);
  app.use(setSafetyHeaders, nameRequest, guardHost(services), guardOrigin(services), limitRequests(services));

  app.onError((error, c) => {
    if (error instanceof TooManyError) services.metrics.countRefusal(error.limit);
    if (isServerError(error)) services.config.log.error({ id: c.var.requestId, error }, "request failed");
    return problemFromError(error);
  });
  app.notFound((c) => {
    const methods = methodsOf(app, c.req.path).filter((method) => method !== c.req.method);
    if (methods.length === 0) {
      return problemFromError(
        new PanalError("not-found", `${c.req.method} ${c.req.path}: nothing is here; see /docs`),
      );
    }
    return problemResponse(
      { status: 405, title: "Method not allowed", detail: `${c.req.path} takes ${methods.join(", ")}` },
      { allow: methods.join(", ") },
    );
  });

  for (const routes of [peerRoutes, peerFilesRoutes, fileRoutes, reportRoutes, torrentRoutes, eventRoutes])
    app.route("/api/v1", routes(services));
  app.route("/", shortFormRoutes(services));
  app.route("/", healthRoutes(services));
  addDocs(app);
  app.route("/", webAppRoutes(services));
  return app;
}

/** The methods some route takes at a path; the catch-all for files beside the app's page doesn't count. */
function methodsOf(app: App, path: string): string[] {
  const matching = app.routes.filter(
    ({ method, path: pattern }) =>
      method !== "ALL" && pattern !== "/:name" && patternRegExp(pattern).test(path),
  );
  return [...new Set(matching.map(({ method }) => method))];
}

function patternRegExp(pattern: string): RegExp {
  const source = pattern
    .replace(/[.\\+?^$()[\]|]/g, String.raw`\$&`)
    .replace(/:[A-Za-z]+(\{[^}]*\})?/g, "[^/]+")
    .replaceAll("*", ".*");
  return new RegExp(`^${source}$`);
}
