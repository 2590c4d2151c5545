import { Check, Copy } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, type ButtonLook, IconButton } from "./button.tsx";
import { copyText } from "./copy-text.ts";

const SHOWN_MS = 1_500;

interface CopyButtonProps {
  /** What is copied. */
  text: string;
  label: string;
  icon?: ReactNode;
  look?: ButtonLook;
  iconOnly?: boolean;
}

/** Copies a text and says so. */
export function CopyButton({
  text,
  label,
  icon = <Copy />,
  look = "plain",
  iconOnly = false,
}: CopyButtonProps) {
  const { t } = useTranslation();
  const [isCopied, setCopied] = useState(false);

  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);

  const copy = () => void copyText(text).then(setCopied);
  const shownIcon = isCopied ? <Check className="text-verified-ink" /> : icon;
  return (
    <>
      {iconOnly ? (
        <IconButton label={label} icon={shownIcon} onClick={copy} />
      ) : (
        <Button look={look} icon={shownIcon} onClick={copy}>
          {isCopied ? t("common.copied") : label}
        </Button>
      )}
      <span className="sr-only" role="status">
        {isCopied ? t("common.copied") : ""}
      </span>
    </>
  );
}
