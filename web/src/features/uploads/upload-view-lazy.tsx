import { type ComponentProps, type ReactNode, lazy, Suspense } from "react";
import { ViewBoundary } from "../../app/view-boundary.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";

const View = lazy(async () => ({ default: (await import("./upload-view.tsx")).UploadView }));
const GoneView = lazy(async () => ({ default: (await import("./gone-peer-uploads.tsx")).GonePeerUploads }));

/** Where files are sent to a peer; fetched by those who do. */
export function UploadView(props: ComponentProps<typeof View>) {
  return (
    <Fetched>
      <View {...props} />
    </Fetched>
  );
}

/** What is being sent to a peer that is gone; fetched by those who did. */
export function GonePeerUploads(props: ComponentProps<typeof GoneView>) {
  return (
    <Fetched>
      <GoneView {...props} />
    </Fetched>
  );
}

function Fetched({ children }: { children: ReactNode }) {
  return (
    <ViewBoundary>
      <Suspense fallback={<SkeletonRows />}>{children}</Suspense>
    </ViewBoundary>
  );
}
