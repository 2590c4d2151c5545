const RING =
  "M8.28 1.68L11.63 3.62L11.63 7.49L8.28 9.42L4.92 7.49L4.92 3.62ZM15.72 1.68L19.08 3.62L19.08 7.49L15.72 9.42L12.37 7.49L12.37 3.62ZM4.55 8.13L7.9 10.06L7.9 13.94L4.55 15.87L1.2 13.94L1.2 10.06ZM19.45 8.13L22.8 10.06L22.8 13.94L19.45 15.87L16.1 13.94L16.1 10.06ZM8.28 14.58L11.63 16.52L11.63 20.38L8.28 22.32L4.92 20.38L4.92 16.52ZM15.72 14.58L19.08 16.52L19.08 20.38L15.72 22.32L12.37 20.38L12.37 16.52Z";
const CENTRE = "M12 8.13L15.35 10.06L15.35 13.94L12 15.87L8.65 13.94L8.65 10.06Z";

/** Seven cells, one of them filled. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" className={className} aria-hidden="true">
      <path d={RING} className="fill-honey" opacity="0.4" />
      <path d={CENTRE} className="fill-honey" />
    </svg>
  );
}

/** The same cells around an icon: where something is to be. */
export function CellFrame({ className = "" }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" className={className} aria-hidden="true">
      <path d={RING} className="fill-sunken stroke-line" strokeWidth="0.12" />
      <path d={CENTRE} className="fill-honey-soft" />
    </svg>
  );
}
