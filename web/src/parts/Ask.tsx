// Asks for more than yes or no: a question with fields of its own in a form.
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";

import { say } from "../text/strings";
import { Dialog } from "./Dialog";

interface Props {
  title: string;
  /** What the button that does it says. */
  action: string;
  /** What the button that changes nothing says. */
  no?: string;
  danger?: boolean;
  disabled?: boolean;
  onClose: () => void;
  /** Does it; the dialog stays, with its button at rest, until it is done. */
  onConfirm: () => void | Promise<void>;
  children?: ComponentChildren;
}

/** A dialog with a form, a way to say yes and a way out. Enter in a field says yes. */
export function Ask(props: Props): JSX.Element {
  const { title, action, no = say("dialog.cancel"), danger = false, disabled = false, onClose, onConfirm, children } = props;
  const busy = useSignal(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value || disabled) return;
    busy.value = true;
    try {
      await onConfirm();
    } finally {
      busy.value = false;
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        {children}
        <footer class="dialog-foot">
          <button type="button" onClick={onClose}>
            {no}
          </button>
          <button type="submit" class={danger ? "primary is-danger" : "primary"} disabled={busy.value || disabled}>
            {action}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
