// What shows that a row which scrolls sideways goes on beyond its edge.
import { useSignal } from "@preact/signals";
import type { JSX, RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

import { Icon } from "../../parts/Icon";

/** So much of an item counts as all of it: browsers round. */
const WHOLE = 0.98;
/** Of the row's width: what was cut off at the edge is still there to go on from. */
const STEP = 0.7;

/** An arrow over one edge of a row, while there is more of it; for those who see and point: keys lead to every item without it. */
export function More({ row, side, items }: { row: RefObject<HTMLElement | null>; side: "before" | "after"; items: string }): JSX.Element | null {
  const isHidden = useSignal(false);
  useLayoutEffect(() => {
    const root = row.current;
    const outermost = side === "after" ? root?.lastElementChild : root?.firstElementChild;
    if (!root || !outermost) return;
    const observer = new IntersectionObserver(
      (seen) => (isHidden.value = (seen.at(-1)?.intersectionRatio ?? 1) < WHOLE),
      { root, threshold: WHOLE },
    );
    observer.observe(outermost);
    return () => observer.disconnect();
  }, [items]);
  if (!isHidden.value) return null;
  const go = (): void => {
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const step = (row.current?.clientWidth ?? 0) * STEP;
    row.current?.scrollBy({ left: side === "after" ? step : -step, behavior: isStill ? "auto" : "smooth" });
  };
  return (
    <span class={`more more-${side}`} aria-hidden="true">
      <button type="button" class="bare" tabIndex={-1} onClick={go}>
        <Icon name="chevron" />
      </button>
    </span>
  );
}
