import { Download, type LucideIcon, Search, Share2, Users } from "lucide-react";
import { useTranslation } from "react-i18next";
import { isSaving } from "../features/transfers/saves-store.ts";
import { isUnderWay } from "../features/transfers/transfer-state.ts";
import { useSaves, useTransfersState } from "../features/transfers/use-transfers.ts";
import { AppLink } from "../ui/app-link.tsx";
import { Mark } from "../ui/mark.tsx";
import type { Route } from "./route.ts";
import { SettingsButton } from "./settings-button.tsx";

interface NavItem {
  readonly key: "find" | "transfers" | "share" | "peers";
  readonly href: string;
  readonly icon: LucideIcon;
  readonly pages: readonly Route["page"][];
}

const ITEMS: readonly NavItem[] = [
  { key: "find", href: "/", icon: Search, pages: ["search"] },
  { key: "transfers", href: "/transfers", icon: Download, pages: ["transfers"] },
  { key: "share", href: "/share", icon: Share2, pages: ["share"] },
  { key: "peers", href: "/p", icon: Users, pages: ["peers", "peer"] },
];

/** The ways through the app: a slim rail at the left, a bar at the bottom of a phone. */
export function Nav({ page }: { page: Route["page"] }) {
  const { t } = useTranslation();
  return (
    <nav
      aria-label={t("nav.label")}
      className="order-last flex shrink-0 border-t border-line bg-paper pb-[env(safe-area-inset-bottom)] lg:order-first lg:w-[4.75rem] lg:flex-col lg:items-center lg:gap-1 lg:border-t-0 lg:border-r lg:py-3"
    >
      <AppLink href="/" className="mb-3 hidden rounded-lg p-1 lg:block" aria-label={t("app.name")}>
        <Mark className="size-8" />
      </AppLink>
      {ITEMS.map((item) => (
        <NavLink key={item.key} item={item} isCurrent={item.pages.includes(page)} />
      ))}
      <div className="flex lg:mt-auto">
        <SettingsButton />
      </div>
    </nav>
  );
}

function NavLink({ item: { key, href, icon: Icon }, isCurrent }: { item: NavItem; isCurrent: boolean }) {
  const { t } = useTranslation();
  return (
    <AppLink
      href={href}
      aria-current={isCurrent ? "page" : undefined}
      className={`flex h-14 flex-1 flex-col items-center justify-center gap-1 text-[0.6875rem] -outline-offset-2 transition-colors duration-150 lg:w-16 lg:flex-none lg:rounded-xl ${isCurrent ? "font-semibold text-honey-ink lg:bg-honey-soft" : "text-muted hover:text-ink lg:hover:bg-sunken"}`}
    >
      <span className="relative">
        <Icon className="size-5" strokeWidth={isCurrent ? 2.25 : 1.75} aria-hidden="true" />
        {key === "transfers" ? <RunningBadge /> : null}
      </span>
      {t(`nav.${key}`)}
    </AppLink>
  );
}

function RunningBadge() {
  const { t } = useTranslation();
  const { transfers } = useTransfersState();
  const count = [...transfers.values()].filter(isUnderWay).length + useSaves().filter(isSaving).length;
  if (count === 0) return null;
  return (
    <span className="absolute -top-1.5 -right-2.5 min-w-4 rounded-full bg-honey px-1 text-center text-[0.625rem] leading-4 font-semibold text-on-honey tabular">
      <span aria-hidden="true">{count}</span>
      <span className="sr-only">{t("transfers.total", { count })}</span>
    </span>
  );
}
