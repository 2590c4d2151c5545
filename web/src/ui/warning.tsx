import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";

/** Says at once what went wrong. */
export function Warning({ children, className = "" }: { children: ReactNode; className?: string }) {
  return (
    <p role="alert" className={`flex gap-2 rounded-lg bg-failed-soft px-3 py-2 text-failed-ink ${className}`}>
      <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
      <span>{children}</span>
    </p>
  );
}
