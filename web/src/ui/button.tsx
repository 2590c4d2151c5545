import type { ButtonHTMLAttributes, ReactNode } from "react";

const LOOKS = {
  primary: "bg-honey text-on-honey font-semibold hover:brightness-105 active:brightness-95",
  plain: "border border-line-strong bg-raised text-ink hover:bg-sunken",
  quiet: "text-muted hover:bg-sunken hover:text-ink",
  danger: "border border-line-strong bg-raised text-failed-ink hover:bg-failed-soft",
} as const;

export type ButtonLook = keyof typeof LOOKS;

/** How buttons look, also for links that act like one. */
export function buttonClass(look: ButtonLook = "plain", extra = ""): string {
  return `inline-flex h-10 shrink-0 items-center justify-center gap-2 rounded-lg px-4 text-sm whitespace-nowrap transition-colors duration-150 disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0 ${LOOKS[look]} ${extra}`;
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: ButtonLook;
  icon?: ReactNode;
}

export function Button({ look = "plain", icon, className = "", children, ...rest }: ButtonProps) {
  return (
    <button type="button" className={buttonClass(look, className)} {...rest}>
      {icon}
      {children}
    </button>
  );
}

/** A button with an icon only; `label` is what it is called. */
export function IconButton({
  label,
  icon,
  className = "",
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { label: string; icon: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`inline-flex size-10 shrink-0 items-center justify-center rounded-lg text-muted transition-colors duration-150 hover:bg-sunken hover:text-ink disabled:opacity-50 [&_svg]:size-[1.125rem] ${className}`}
      {...rest}
    >
      {icon}
    </button>
  );
}
