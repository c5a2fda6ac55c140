// A dialog over the page: the browser's own, which keeps the focus in and gives it back.
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { say } from "../text/strings";
import { Icon } from "./Icon";

interface Props {
  title: string;
  /** Called when it was closed by Esc, by its button or by a click beside it. */
  onClose: () => void;
  children: ComponentChildren;
  class?: string;
}

/** Shows a dialog for as long as it is part of the page. */
export function Dialog({ title, onClose, children, class: more = "" }: Props): JSX.Element {
  const place = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = place.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={place}
      class={`dialog ${more}`}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === place.current) onClose();
      }}
    >
      <div class="dialog-box">
        <header class="dialog-head">
          <h2>{title}</h2>
          <button type="button" class="bare" aria-label={say("dialog.close")} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
