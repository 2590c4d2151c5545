import { Compass } from "lucide-react";
import { Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { navigate } from "wouter/use-browser-location";
import { AppLink } from "../ui/app-link.tsx";
import { buttonClass } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Nav } from "./nav.tsx";
import { closeFile, usePlace } from "./place.ts";
import { parseRoute, type Route, splitUrl } from "./route.ts";
import { ViewBoundary } from "./view-boundary.tsx";
import {
  DoctorView,
  FileSheet,
  PeersView,
  PeerView,
  SearchView,
  ShareView,
  TransfersView,
  WatchView,
} from "./views.ts";

/** The frame of the app: ways at the side, the list, and the file that is open beside it. */
export function Shell() {
  const { t } = useTranslation();
  const { listUrl, fileId, fileName, isWatched } = usePlace();
  const route = parseRoute(splitUrl(listUrl).pathname);
  useShortcuts(fileId !== undefined);
  return (
    <div className="flex h-full flex-col lg:flex-row">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-lg focus:bg-raised focus:px-3 focus:py-2"
      >
        {t("app.skip")}
      </a>
      <Nav page={route.page} />
      <div className={`flex min-h-0 min-w-0 flex-1 ${isWatched ? "max-lg:flex-col" : ""}`}>
        <main
          id="content"
          tabIndex={-1}
          className={`min-h-0 min-w-0 flex-col outline-none ${isWatched ? "flex max-lg:max-h-[65%] lg:flex-1" : fileId === undefined ? "flex flex-1" : "hidden flex-1 lg:flex"}`}
        >
          {fileId !== undefined && isWatched ? (
            <ViewBoundary key={`watch ${fileId}`}>
              <Suspense fallback={<SkeletonRows />}>
                <WatchView key={fileId} fileId={fileId} openedAs={fileName} />
              </Suspense>
            </ViewBoundary>
          ) : (
            <ViewBoundary key={route.page}>
              <Suspense fallback={<SkeletonRows />}>
                <List route={route} />
              </Suspense>
            </ViewBoundary>
          )}
        </main>
        {fileId === undefined ? null : (
          <ViewBoundary key={fileId}>
            <Suspense fallback={<SheetSkeleton />}>
              <FileSheet fileId={fileId} openedAs={fileName} />
            </Suspense>
          </ViewBoundary>
        )}
      </div>
    </div>
  );
}

function List({ route }: { route: Route }) {
  switch (route.page) {
    case "search":
      return <SearchView />;
    case "transfers":
      return <TransfersView />;
    case "share":
      return <ShareView />;
    case "peers":
      return <PeersView />;
    case "peer":
      return <PeerView peerId={route.peerId} folder={route.folder} />;
    case "doctor":
      return <DoctorView />;
    case "file":
    case "unknown":
      return <NothingHere />;
  }
}

/** The room a file's sheet takes, while it is fetched. */
function SheetSkeleton() {
  return (
    <div className="min-w-0 flex-1 bg-raised pt-4 lg:max-w-[27.5rem] lg:basis-[27.5rem] lg:border-l lg:border-line">
      <SkeletonRows count={5} />
    </div>
  );
}

function NothingHere() {
  const { t } = useTranslation();
  return (
    <EmptyState
      isPage
      icon={<Compass />}
      title={t("error.unknownPage")}
      hint={t("error.unknownPageHint")}
      action={
        <AppLink href="/" className={buttonClass("primary")}>
          {t("nav.find")}
        </AppLink>
      }
    />
  );
}

/** "/" goes to the search box, Escape closes the file. */
function useShortcuts(isFileOpen: boolean): void {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
      const target = event.target instanceof Element ? event.target : null;
      const isTyping = target?.matches("input, textarea, select, [contenteditable]") ?? false;
      const isInPopup = target?.closest('[role="menu"], [role="dialog"], [role="alertdialog"]') !== null;
      if (event.key === "/" && !isTyping && !isInPopup) {
        event.preventDefault();
        focusSearch();
      }
      if (event.key === "Escape" && isFileOpen && !isInPopup) closeFile();
    }
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [isFileOpen]);
}

/** Frames in which a view that has to be fetched first may appear. */
const MAX_FRAMES = 120;

function focusSearch(): void {
  // At once where it can be: what is typed next belongs into it.
  if (focusVisibleBox()) return;
  navigate("/");
  let frames = 0;
  const tryAgain = () => {
    if (!focusVisibleBox() && frames++ < MAX_FRAMES) requestAnimationFrame(tryAgain);
  };
  requestAnimationFrame(tryAgain);
}

function focusVisibleBox(): boolean {
  const box = document.querySelector<HTMLInputElement>('input[type="search"]');
  if (box?.checkVisibility() !== true) return false;
  box.focus();
  return true;
}
