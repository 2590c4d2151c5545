const LOOKS = { running: "bg-honey", done: "bg-verified-ink", failed: "bg-failed-ink" } as const;

interface BarProps {
  label: string;
  /** 0 to 1. */
  fraction: number;
  look: keyof typeof LOOKS;
  slim?: boolean;
}

/** How far something is. */
export function Bar({ label, fraction, look, slim = false }: BarProps) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(fraction * 100)}
      className={`overflow-hidden rounded-full bg-line ${slim ? "h-1" : "h-1.5"}`}
    >
      {/* Moved, not widened: a width that grows lays the page out anew in each frame of a download, and leaves as much behind. */}
      <div
        className={`h-full rounded-full transition-transform duration-200 ease-out ${LOOKS[look]}`}
        style={{ transform: `translateX(${(fraction - 1) * 100}%)` }}
      />
    </div>
  );
}
