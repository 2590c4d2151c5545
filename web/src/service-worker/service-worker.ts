import { forgetUpload, keepUpload, listKeptUploads } from "@panal/sdk/browser";
import type { PageMessage } from "../engine/engine-api.ts";
import { readFromPage } from "./read-from-page.ts";
import { isReceived, receiveShared } from "./receive-shared.ts";
import { answerShell, type Build, forgetOldBuilds, keepBuild } from "./shell.ts";
import { answerSave, parseSaveUrl } from "./save-answer.ts";
import { answerStream, parseStreamUrl } from "./stream-answer.ts";

// Answers only for the app's own page, its files, /stream/..., /save/... and what the share sheet posts; everything else, the API above all, passes by.

/** Put in by the builder. */
declare const PANAL_BUILD: Build;
declare const self: ServiceWorkerGlobalScope;

self.addEventListener("install", (event) => {
  event.waitUntil(keepBuild(PANAL_BUILD).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOldBuilds().then(() => self.clients.claim()));
});

self.addEventListener("message", (event: ExtendableMessageEvent) => {
  switch ((event.data as PageMessage).type) {
    case "claim":
      event.waitUntil(self.clients.claim());
      break;
    case "keep-alive":
      // That it came was all.
      break;
  }
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin } = new URL(request.url);
  if (origin !== self.location.origin) return;
  const target = parseStreamUrl(request.url);
  if (target !== undefined) {
    const read = readFromPage(target, { pages: self.clients, clientId: event.clientId });
    event.respondWith(answerStream(request, read));
    return;
  }
  const save = parseSaveUrl(request.url);
  if (save !== undefined) {
    event.respondWith(answerSave(request, { save, pages: self.clients }));
    return;
  }
  if (isReceived(request)) {
    const kept = { list: listKeptUploads, keep: keepUpload, forget: forgetUpload };
    event.respondWith(receiveShared(request, { ...kept, newId: () => crypto.randomUUID() }));
    return;
  }
  const answer = answerShell(request, { build: PANAL_BUILD });
  if (answer !== undefined) event.respondWith(answer(request));
});
