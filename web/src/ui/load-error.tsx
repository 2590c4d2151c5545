import { PanalError } from "@panal/sdk";
import { RotateCw, TriangleAlert, Unplug } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "./button.tsx";
import { EmptyState } from "./empty-state.tsx";

interface LoadErrorProps {
  error: unknown;
  onRetry: () => void;
}

/** Why a list couldn't be loaded, and what to do. */
export function LoadError({ error, onRetry }: LoadErrorProps) {
  const { t } = useTranslation();
  const { code } = PanalError.from(error);
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
