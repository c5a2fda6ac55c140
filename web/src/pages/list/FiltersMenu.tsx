// Searches with a name: some ready-made, and the reader's own.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { query, setQuery } from "../../app/router";
import { Ask } from "../../parts/Ask";
import { Icon } from "../../parts/Icon";
import { Popup } from "../../parts/Popup";
import { tell } from "../../parts/Toast";
import { who } from "../../state/session";
import { clean } from "../../text/format";
import { say } from "../../text/strings";
import { forget, readSaved, save, saved, type SavedFilter } from "./saved";

/** A button that opens the searches with names. */
export function FiltersMenu(): JSX.Element {
  const isSaving = useSignal(false);
  const button = (
    <>
      <Icon name="star" />
      <span class="tool-word">{say("filters.button")}</span>
    </>
  );
  return (
    <>
      <Popup label={say("filters.button")} button={button}>
        {(close) => <Panel close={close} onSave={() => (isSaving.value = true)} />}
      </Popup>
      {isSaving.value && <SaveDialog onClose={() => (isSaving.value = false)} />}
    </>
  );
}

function readyMade(): readonly SavedFilter[] {
  const mine = who.value?.name ? [{ name: say("filters.mine"), q: `owner:${who.value.name}` }] : [];
  return [
    { name: say("filters.all"), q: "" },
    { name: say("filters.running"), q: "state:running" },
    { name: say("filters.waiting"), q: "state:waiting" },
    { name: say("filters.failed"), q: "state:failed created:>2d" },
    ...mine,
  ];
}

function Panel({ close, onSave }: { close: () => void; onSave: () => void }): JSX.Element {
  const q = query.value.get("q") ?? "";
  const own = saved.value;
  useEffect(() => void readSaved(), []);
  const choose = (each: SavedFilter): void => {
    close();
    setQuery({ q: each.q });
  };
  return (
    <div class="filters">
      <h3>{say("filters.ready")}</h3>
      <ul>
        {readyMade().map((each) => (
          <Choice key={each.name} filter={each} isOn={each.q === q} onChoose={() => choose(each)} />
        ))}
      </ul>
      {own !== null && (
        <>
          <h3>{say("filters.saved")}</h3>
          {own.length === 0 && <p class="muted">{say("filters.none")}</p>}
          <ul>
            {own.map((each) => (
              <Choice key={each.name} filter={each} isOn={each.q === q} onChoose={() => choose(each)} onDelete={() => void drop(each)} />
            ))}
          </ul>
          <button
            type="button"
            class="menu-item"
            disabled={q === ""}
            onClick={() => {
              close();
              onSave();
            }}
          >
            {say("filters.save")}
          </button>
        </>
      )}
    </div>
  );
}

interface ChoiceProps {
  filter: SavedFilter;
  isOn: boolean;
  onChoose: () => void;
  onDelete?: () => void;
}

function Choice({ filter, isOn, onChoose, onDelete }: ChoiceProps): JSX.Element {
  return (
    <li>
      <button type="button" class="menu-item" aria-pressed={isOn} onClick={onChoose}>
        <span>{clean(filter.name)}</span>
        <code class="menu-hint">{clean(filter.q)}</code>
      </button>
      {onDelete && (
        <button type="button" class="bare" aria-label={say("filters.delete", { name: clean(filter.name) })} onClick={onDelete}>
          <Icon name="close" />
        </button>
      )}
    </li>
  );
}

async function drop(filter: SavedFilter): Promise<void> {
  const problem = await forget(filter.name);
  if (problem !== null) return tell(problem, { problem: true });
  tell(say("filters.deleted", { name: filter.name }), { undo: () => void save(filter.name, filter.q) });
}

function SaveDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const name = useSignal("");
  const problem = useSignal<string | null>(null);
  const q = query.value.get("q") ?? "";
  const confirm = async (): Promise<void> => {
    problem.value = await save(name.value.trim(), q);
    if (problem.value !== null) return;
    tell(say("filters.saved_as", { name: name.value.trim() }));
    onClose();
  };
  const isThere = saved.value?.some((each) => each.name === name.value.trim()) ?? false;
  return (
    <Ask title={say("filters.save_title")} action={say("filters.save_action")} disabled={name.value.trim() === ""} onClose={onClose} onConfirm={confirm}>
      <p>
        <code>{clean(q)}</code>
      </p>
      <label class="field">
        <span>{say("filters.name")}</span>
        <input type="text" value={name.value} maxLength={64} autofocus onInput={(event) => (name.value = event.currentTarget.value)} />
      </label>
      {isThere && <p class="muted">{say("filters.replaces")}</p>}
      {problem.value !== null && (
        <p class="is-error" role="alert">
          {problem.value}
        </p>
      )}
    </Ask>
  );
}

