import type { ReactNode } from "react";

/** The top of a list. */
export function PageHeader({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <header className="flex min-h-[4.25rem] flex-wrap items-center justify-between gap-3 border-b border-line px-4 py-3">
      <h1 className="text-lg font-semibold">{title}</h1>
      {children}
    </header>
  );
}
