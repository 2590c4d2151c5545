import { PanalError } from "@panal/sdk";
import { displayName } from "@panal/sdk/content";
import { RotateCw, TriangleAlert, Unplug } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "./button.tsx";
import { EmptyState } from "./empty-state.tsx";

interface LoadErrorProps {
  error: unknown;
  onRetry: () => void;
  /** What was refused are words somebody wrote: the tracker says which. */
  isSearch?: boolean;
}

/** Why a list couldn't be loaded, and what to do. */
export function LoadError({ error, onRetry, isSearch = false }: LoadErrorProps) {
  const { t } = useTranslation();
  const { code, message } = PanalError.from(error);
  if (isSearch && code === "invalid") {
    return (
      <EmptyState
        isAlert
        icon={<TriangleAlert />}
        title={t("search.refused")}
        hint={displayName(message.replace(/^tracker \S+: (q: )?/, ""))}
      />
    );
  }
  const isOffline = code === "unreachable" || code === "timeout";
  return (
    <EmptyState
      isAlert
      icon={isOffline ? <Unplug /> : <TriangleAlert />}
      title={isOffline ? t("error.offline") : t(`error.${code}`)}
      {...(isOffline ? { hint: t("error.offlineHint") } : {})}
      action={
        <Button icon={<RotateCw />} onClick={onRetry}>
          {t("common.again")}
        </Button>
      }
    />
  );
}
