// Which keys there are, and what can be searched for.
import type { JSX } from "preact";

import { Dialog } from "../../parts/Dialog";
import { say, type Key } from "../../text/strings";
import { singleKeys } from "../../state/keys";

const KEYS: readonly (readonly [keys: readonly string[], words: Key])[] = [
  [["/"], "help.key_search"],
  [["j", "k"], "help.key_move"],
  [["Enter"], "help.key_open"],
  [["o"], "help.key_parts"],
  [["x", "X"], "help.key_select"],
  [["a"], "help.key_all"],
  [["u"], "help.key_undo"],
  [["Esc"], "help.key_esc"],
  [["?"], "help.key_help"],
];

const SEARCHES: readonly (readonly [search: string, words: Key])[] = [
  ['reduce "beam 3"', "help.q_free"],
  ["state:(failed cancelled)", "help.q_state"],
  ["label:nightly -label:test", "help.q_label"],
  ["name:cal*", "help.q_name"],
  ["owner:ada cluster:local", "help.q_owner"],
  ["created:>2d", "help.q_time"],
  ["exit_code:>0", "help.q_exit"],
];

/** The help, as a dialog. */
export function Help({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <Dialog title={say("help.title")} onClose={onClose} class="help">
      <div class="help-parts">
        <section>
          <h3>{say("help.keys")}</h3>
          <dl>
            {KEYS.map(([keys, words]) => (
              <div key={words}>
                <dt>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>{say(words)}</dd>
              </div>
            ))}
          </dl>
          <label class="help-single">
            <input type="checkbox" checked={singleKeys.value} onChange={(event) => (singleKeys.value = event.currentTarget.checked)} />
            {say("help.single")}
          </label>
        </section>
        <section>
          <h3>{say("help.search")}</h3>
          <dl>
            {SEARCHES.map(([search, words]) => (
              <div key={words}>
                <dt>
                  <code>{search}</code>
                </dt>
                <dd>{say(words)}</dd>
              </div>
            ))}
          </dl>
          <p class="muted">{say("help.words")}</p>
        </section>
      </div>
    </Dialog>
  );
}
