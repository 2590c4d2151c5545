import { type MouseEvent, type PointerEvent, useEffect, useRef } from "react";

/** About as long as phones wait. */
const PRESS_MS = 450;
/** A finger that moves further scrolls. */
const MAX_MOVE_PX = 10;

/** For an element, what tells that a finger stays on it; the click and the menu that would follow don't come. */
export function useLongPress(onPress: () => void) {
  const press = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number }>(undefined);
  const wasLong = useRef(false);
  function stop(): void {
    clearTimeout(press.current?.timer);
    press.current = undefined;
  }
  useEffect(() => stop, []);
  return {
    onPointerDown(event: PointerEvent): void {
      wasLong.current = false;
      if (event.pointerType !== "touch" || !event.isPrimary) return;
      const timer = setTimeout(() => {
        stop();
        wasLong.current = true;
        onPress();
      }, PRESS_MS);
      press.current = { timer, x: event.clientX, y: event.clientY };
    },
    onPointerMove({ clientX, clientY }: PointerEvent): void {
      if (press.current === undefined) return;
      const { x, y } = press.current;
      if (Math.hypot(clientX - x, clientY - y) > MAX_MOVE_PX) stop();
    },
    onPointerUp: stop,
    onPointerCancel: stop,
    onContextMenu(event: MouseEvent): void {
      if (press.current !== undefined || wasLong.current) event.preventDefault();
    },
    /** Whether this click is the end of a long press: only once. */
    tookClick(): boolean {
      const took = wasLong.current;
      wasLong.current = false;
      return took;
    },
  };
}
