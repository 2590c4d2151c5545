import { type DragEvent, useState } from "react";
import type { RootRequest } from "../../sharing/sharing-api.ts";
import { rootsOfDrop } from "./pick-roots.ts";

interface FileDrop {
  /** Files are held over it. */
  readonly isOver: boolean;
  readonly handlers: {
    onDragOver(event: DragEvent): void;
    onDragLeave(): void;
    onDrop(event: DragEvent): void;
  };
}

/** Takes the files that are dropped on an element. */
export function useFileDrop(onRoots: (roots: RootRequest[]) => void): FileDrop {
  const [isOver, setOver] = useState(false);
  return {
    isOver,
    handlers: {
      onDragOver(event) {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      onDrop(event) {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setOver(false);
        void rootsOfDrop(event.dataTransfer.items).then(onRoots);
      },
    },
  };
}
