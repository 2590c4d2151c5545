import { Settings2 } from "lucide-react";
import { lazy, type ButtonHTMLAttributes, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { ViewBoundary } from "./view-boundary.tsx";

const loadMenu = () => import("./app-menu.tsx");
const AppMenu = lazy(async () => ({ default: (await loadMenu()).AppMenu }));

/** Opens the settings; what is in them is fetched when somebody reaches for it. */
export function SettingsButton() {
  const [isWanted, setWanted] = useState(false);
  const preload = () => void loadMenu().catch(() => {});
  const button = (
    <SettingsTrigger
      aria-haspopup="menu"
      onClick={() => setWanted(true)}
      onFocus={preload}
      onPointerEnter={preload}
    />
  );
  if (!isWanted) return button;
  return (
    <ViewBoundary>
      <Suspense fallback={button}>
        <AppMenu />
      </Suspense>
    </ViewBoundary>
  );
}

/** The button itself, also where the menu hangs on it. */
export function SettingsTrigger(props: ButtonHTMLAttributes<HTMLButtonElement>) {
  const { t } = useTranslation();
  return (
    <button
      type="button"
      aria-label={t("nav.menu")}
      title={t("nav.menu")}
      className="inline-flex h-14 w-14 items-center justify-center rounded-xl text-muted transition-colors duration-150 hover:text-ink data-popup-open:text-ink lg:h-12 lg:w-12 lg:hover:bg-sunken"
      {...props}
    >
      <Settings2 className="size-5" strokeWidth={1.75} aria-hidden="true" />
    </button>
  );
}
