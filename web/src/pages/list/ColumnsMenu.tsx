// Which columns are shown, in which order.
import type { JSX } from "preact";

import { Icon } from "../../parts/Icon";
import { Popup } from "../../parts/Popup";
import { say } from "../../text/strings";
import { choices, moveColumn, resetColumns, toggleColumn, type Choice } from "./columns";

/** A button that opens the choice of columns. */
export function ColumnsMenu(): JSX.Element {
  const button = (
    <>
      <Icon name="columns" />
      <span class="tool-word">{say("columns.button")}</span>
    </>
  );
  return (
    <Popup label={say("columns.title")} button={button}>
      {() => (
        <>
          <ul class="columns">
            {choices.value.map((choice, n) => (
              <One key={choice.column} choice={choice} isFirst={n === 0} isLast={n === choices.value.length - 1} />
            ))}
          </ul>
          <div class="columns-foot">
            <span class="muted">{say("columns.hint")}</span>
            <button type="button" class="plain" onClick={resetColumns}>
              {say("columns.reset")}
            </button>
          </div>
        </>
      )}
    </Popup>
  );
}

function One({ choice, isFirst, isLast }: { choice: Choice; isFirst: boolean; isLast: boolean }): JSX.Element {
  const { column, shown } = choice;
  const name = say(`col.${column}`);
  return (
    <li>
      <label>
        <input type="checkbox" checked={shown} disabled={column === "name"} onChange={() => toggleColumn(column)} />
        {name}
      </label>
      <button
        type="button"
        class="bare turn-up"
        aria-label={say("columns.up", { name })}
        aria-disabled={isFirst}
        onClick={() => moveColumn(column, -1)}
      >
        <Icon name="chevron" />
      </button>
      <button
        type="button"
        class="bare turn-down"
        aria-label={say("columns.down", { name })}
        aria-disabled={isLast}
        onClick={() => moveColumn(column, 1)}
      >
        <Icon name="chevron" />
      </button>
    </li>
  );
}
