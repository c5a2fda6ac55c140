// Pictures of a job, and links to it, for other pages and other people.
import { useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { post } from "../../api/client";
import type { JobDocument } from "../../api/types";
import { at } from "../../app/root";
import { CopyButton } from "../../parts/CopyButton";
import { tell } from "../../parts/Toast";
import type { JobState } from "../../state/job";
import { say } from "../../text/job";
import { wordsOf } from "./Actions";
import { nameOf } from "./names";
import { snippets } from "./snippets";
import { Time } from "./Time";

const PICTURES = { png: "render", svg: "render.svg", badge: "badge.svg" } as const;
type Picture = keyof typeof PICTURES;

/** The panel for sharing. */
export function Share({ state }: { state: JobState }): JSX.Element | null {
  const id = useComputed(() => state.document.value?.id);
  const job = state.document.peek();
  if (job === null || id.value === undefined) return null;
  const page = at(`j/${job.number}`);
  return (
    <div class="share">
      <p class="muted">{say("share.words")}</p>
      <div class="j-cards">
        {(Object.keys(PICTURES) as Picture[]).map((what) => (
          <PictureCard key={what} what={what} job={job} page={page} />
        ))}
        <section class="j-card">
          <header>
            <h2>{say("share.page")}</h2>
          </header>
          <Snippets name={nameOf(job)} page={page} picture={null} />
        </section>
        <Signed job={job} />
      </div>
    </div>
  );
}

function PictureCard({ what, job, page }: { what: Picture; job: JobDocument; page: string }): JSX.Element | null {
  const missing = useSignal(false);
  const source = at(`progress/${PICTURES[what]}?id=${job.number}`);
  if (missing.value) return null;
  return (
    <section class="j-card">
      <header>
        <h2>{say(`share.${what}`)}</h2>
      </header>
      <div class={`share-preview share-preview-${what}`}>
        <img
          src={source}
          alt={say("share.preview", { what: say(`share.${what}`), job: nameOf(job) })}
          loading="lazy"
          onError={() => (missing.value = true)}
        />
      </div>
      <Snippets name={nameOf(job)} page={page} picture={source} />
    </section>
  );
}

function Snippets({ name, page, picture }: { name: string; page: string; picture: string | null }): JSX.Element {
  const ways = snippets(name, page, picture);
  return (
    <dl class="snippets">
      {(["url", "markdown", "html"] as const).map((way) => (
        <div key={way}>
          <dt>{say(`share.${way}`)}</dt>
          <dd>
            <input readOnly value={ways[way]} aria-label={say(`share.${way}`)} onFocus={(event) => event.currentTarget.select()} />
            <CopyButton text={ways[way]} label={say("share.copy", { what: say(`share.${way}`) })} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

const SIGNED = ["page", "png", "svg", "badge", "log"] as const;
const LENGTHS_S = { hour: 3600, day: 86_400, week: 604_800, month: 2_592_000 } as const;
type Length = keyof typeof LENGTHS_S;

interface Link {
  url: string;
  stderr_url?: string;
  expires: string;
}

function Signed({ job }: { job: JobDocument }): JSX.Element {
  const what = useSignal<(typeof SIGNED)[number]>("page");
  const length = useSignal<Length>("day");
  const made = useSignal<(Link & { what: string }) | null>(null);
  const choices = SIGNED.filter((each) => each !== "log" || job.links.stdout !== undefined);
  const make = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      const link = await post<Link>(`jobs/${job.id}/links`, { what: what.value, expires_in_s: LENGTHS_S[length.value] });
      made.value = { ...link, what: what.value };
    } catch (error) {
      tell(wordsOf(error), { problem: true });
    }
  };
  const link = made.value;
  return (
    <section class="j-card">
      <header>
        <h2>{say("share.sign")}</h2>
      </header>
      <p class="muted">{say("share.sign_words")}</p>
      <form class="share-sign" onSubmit={(event) => void make(event)}>
        <label class="j-field">
          <span>{say("share.what")}</span>
          <select value={what.value} onChange={(event) => (what.value = event.currentTarget.value as (typeof SIGNED)[number])}>
            {choices.map((each) => (
              <option key={each} value={each}>
                {say(`share.what.${each}`)}
              </option>
            ))}
          </select>
        </label>
        <label class="j-field">
          <span>{say("share.for")}</span>
          <select value={length.value} onChange={(event) => (length.value = event.currentTarget.value as Length)}>
            {(Object.keys(LENGTHS_S) as Length[]).map((each) => (
              <option key={each} value={each}>
                {say(`share.${each}`)}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="primary">
          {say("share.make")}
        </button>
      </form>
      {link !== null && (
        <div role="status">
          <p>
            {say("share.until")} <Time at={link.expires} />
          </p>
          {link.stderr_url === undefined ? (
            <Snippets name={nameOf(job)} page={link.url} picture={isPicture(link.what) ? link.url : null} />
          ) : (
            <Streams name={nameOf(job)} stdout={link.url} stderr={link.stderr_url} />
          )}
        </div>
      )}
    </section>
  );
}

/** The log is two texts: nobody wrote down in which order they came. */
function Streams({ name, ...streams }: { name: string; stdout: string; stderr: string }): JSX.Element {
  return (
    <>
      <p class="muted">{say("share.streams")}</p>
      {(["stdout", "stderr"] as const).map((stream) => (
        <section key={stream} class="share-stream" aria-label={say(`share.${stream}`)}>
          <h3>{say(`share.${stream}`)}</h3>
          <Snippets name={`${name}, ${stream}`} page={streams[stream]} picture={null} />
        </section>
      ))}
    </>
  );
}

function isPicture(what: string): boolean {
  return what in PICTURES;
}
