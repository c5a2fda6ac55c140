// Asks before something that cannot be undone.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

interface Question {
  title: string;
  yes: string;
  no: string;
  /** Something that destroys or ends. */
  isDanger?: boolean;
  children: ComponentChildren;
  onYes: () => void;
  onNo: () => void;
}

/** A modal question. Escape and a click beside it mean no; the answer that changes nothing has the focus first. */
export function Confirm({ title, yes, no, isDanger = false, children, onYes, onNo }: Question): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class="confirm"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onNo();
      }}
      onClick={(event) => event.target === dialog.current && onNo()}
    >
      <div class="confirm-body">
        <h2 id={id}>{title}</h2>
        <div>{children}</div>
        <div class="confirm-answers">
          <button type="button" autofocus onClick={onNo}>
            {no}
          </button>
          <button type="button" class={isDanger ? "danger" : "primary"} onClick={onYes}>
            {yes}
          </button>
        </div>
      </div>
    </dialog>
  );
}
