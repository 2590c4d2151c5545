import type { ReactNode } from "react";
import { CellFrame } from "./mark.tsx";

interface EmptyStateProps {
  icon: ReactNode;
  title: string;
  hint?: string;
  /** The one thing to do. */
  action?: ReactNode;
  /** Said aloud when it appears. */
  isAlert?: boolean;
  /** It is all there is: its title is that of the page. */
  isPage?: boolean;
}

/** What a list shows when it has nothing to show. */
export function EmptyState({ icon, title, hint, action, isAlert = false, isPage = false }: EmptyStateProps) {
  const Title = isPage ? "h1" : "h2";
  return (
    <div
      role={isAlert ? "alert" : "status"}
      className="mx-auto flex max-w-sm flex-col items-center gap-2 px-6 py-10 text-center"
    >
      <div className="relative mb-1 flex size-36 items-center justify-center text-honey-ink">
        <CellFrame className="absolute inset-0" />
        <span className="relative [&_svg]:size-7 [&_svg]:stroke-[1.5]">{icon}</span>
      </div>
      <Title className="text-base font-semibold wrap-anywhere">{title}</Title>
      {hint === undefined ? null : <p className="text-muted">{hint}</p>}
      {action === undefined ? null : <div className="mt-3">{action}</div>}
    </div>
  );
}
