// A job as a command to run again, for the clipboard.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { address } from "../../api/client";
import type { JobDocument } from "../../api/types";
import { ROOT } from "../../app/root";
import { CopyButton } from "../../parts/CopyButton";
import { Dialog } from "../../parts/Dialog";
import { clean } from "../../text/format";
import { say } from "../../text/job";
import { cliFor, curlFor, leftOut, pythonFor, secretsOf } from "../../text/recipes";
import { nameOf } from "./names";

/** The dialog "Copy as". */
export function Recipes({ job, onClose }: { job: JobDocument; onClose: () => void }): JSX.Element {
  const secrets = useSignal(false);
  const names = secretsOf(job);
  const missing = secrets.value ? [] : names;
  const api = new URL(address(""));
  api.search = "";
  const cli = cliFor(job, secrets.value);
  return (
    <Dialog title={say("recipe.title", { job: nameOf(job) })} onClose={onClose} class="dialog-wide">
      <div class="recipes">
        {names.length > 0 && (
          <label class="j-check">
            <input type="checkbox" checked={secrets.value} onChange={(event) => (secrets.value = event.currentTarget.checked)} />
            {say("recipe.secrets")}
          </label>
        )}
        {cli !== null && <Recipe name={say("recipe.cli")} text={cli} missing={[...missing, ...leftOut(job)]} />}
        <Recipe name={say("recipe.curl")} text={curlFor(job, api.href, secrets.value)} missing={missing} />
        {!job.function && <Recipe name={say("recipe.python")} text={pythonFor(job, ROOT.href.replace(/\/$/, ""), secrets.value)} missing={missing} />}
      </div>
    </Dialog>
  );
}

function Recipe({ name, text, missing }: { name: string; text: string; missing: readonly string[] }): JSX.Element {
  return (
    <section class="recipe">
      <header>
        <h3>{name}</h3>
        <CopyButton text={text} label={say("recipe.copy", { name })} />
      </header>
      <pre class="j-code" tabIndex={0}>
        {text}
      </pre>
      {missing.length > 0 && <p class="muted">{say("recipe.left_out", { names: clean(missing.join(", ")) })}</p>}
    </section>
  );
}
