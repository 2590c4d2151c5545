const LOOKS = { good: "bg-verified-ink", bad: "bg-failed-ink", pending: "bg-line-strong" };

/** How something stands: a dot and words; the details come with the pointer. */
export function StateLine(props: { look: keyof typeof LOOKS; text: string; detail?: string }) {
  const { look, text, detail } = props;
  return (
    <span className="inline-flex items-baseline gap-2 text-muted tabular" title={detail}>
      <span
        className={`inline-block size-2 shrink-0 self-center rounded-full ${LOOKS[look]}`}
        aria-hidden="true"
      />
      <span className="min-w-0 wrap-anywhere">{text}</span>
    </span>
  );
}
