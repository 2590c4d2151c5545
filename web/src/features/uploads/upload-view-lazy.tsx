import { type ComponentProps, lazy, Suspense } from "react";
import { ViewBoundary } from "../../app/view-boundary.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";

const View = lazy(async () => ({ default: (await import("./upload-view.tsx")).UploadView }));

/** Where files are sent to a peer; fetched by those who do. */
export function UploadView(props: ComponentProps<typeof View>) {
  return (
    <ViewBoundary>
      <Suspense fallback={<SkeletonRows />}>
        <View {...props} />
      </Suspense>
    </ViewBoundary>
  );
}
