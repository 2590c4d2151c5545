import type { ReactNode } from "react";

interface EmptyStateProps {
  icon: ReactNode;
  title: string;
  hint?: string;
  /** The one thing to do. */
  action?: ReactNode;
  /** Said aloud when it appears. */
  isAlert?: boolean;
}

/** What a list shows when it has nothing to show. */
export function EmptyState({ icon, title, hint, action, isAlert = false }: EmptyStateProps) {
  return (
    <div
      role={isAlert ? "alert" : "status"}
      className="mx-auto flex max-w-sm flex-col items-center gap-2 px-6 py-14 text-center"
    >
      <div className="mb-1 text-muted [&_svg]:size-9 [&_svg]:stroke-[1.25]">{icon}</div>
      <h2 className="text-base font-semibold wrap-anywhere">{title}</h2>
      {hint === undefined ? null : <p className="text-muted">{hint}</p>}
      {action === undefined ? null : <div className="mt-3">{action}</div>}
    </div>
  );
}
