import { ChevronDown } from "lucide-react";
import type { ReactNode } from "react";

interface ChoiceProps<Value extends string> {
  label: string;
  icon?: ReactNode;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange(value: Value): void;
  /** Something else than usual is chosen. */
  isActive?: boolean;
  /** Somebody is about to choose. */
  onAttention?(): void;
}

/**
 * One of several, in a chip. The browser's own list: right for fingers, keys and screen readers everywhere; where a page
 * may (`appearance: base-select`) it looks like ours.
 */
export function Choice<Value extends string>(props: ChoiceProps<Value>) {
  const { label, icon, value, options, onChange, isActive = false, onAttention } = props;
  return (
    <span
      onPointerEnter={onAttention}
      onFocus={onAttention}
      className={`relative inline-flex h-8 shrink-0 items-center rounded-full border text-xs transition-colors duration-150 [&>svg]:pointer-events-none [&>svg]:absolute [&>svg]:size-3.5 ${isActive ? "border-honey bg-honey-soft font-medium text-honey-ink" : "border-line-strong text-ink hover:bg-sunken"}`}
    >
      {icon}
      <select
        aria-label={label}
        title={label}
        value={value}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen !== undefined) onChange(chosen.value);
        }}
        className={`choice h-full max-w-44 cursor-pointer truncate rounded-full bg-transparent pr-7 ${icon === undefined ? "pl-3" : "pl-8"}`}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown className="right-2.5" aria-hidden="true" />
    </span>
  );
}
