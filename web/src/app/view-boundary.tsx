import { PanalError } from "@panal/sdk";
import { RotateCw, TriangleAlert, Unplug } from "lucide-react";
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";

/** Keeps a view that breaks, or whose script is gone, from taking the rest of the app with it. */
export class ViewBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    return this.state.error === undefined ? this.props.children : <Broken error={this.state.error} />;
  }
}

function Broken({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const isMissing = PanalError.from(error).code === "unreachable";
  return (
    <EmptyState
      isAlert
      isPage
      icon={isMissing ? <Unplug /> : <TriangleAlert />}
      title={t(isMissing ? "error.viewMissing" : "error.view")}
      hint={t(isMissing ? "error.viewMissingHint" : "error.viewHint")}
      action={
        <Button look="primary" icon={<RotateCw />} onClick={() => location.reload()}>
          {t("error.reload")}
        </Button>
      }
    />
  );
}
