// One stream of a job's log, with what is done with it: search, download, the ways to a line.
import { useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";

import { address } from "../../api/client";
import { fragment, query, setFragment, setQuery } from "../../app/router";
import { Finder } from "../../log/finder";
import { LogView } from "../../log/LogView";
import { placeOf, readPlace, type Range } from "../../log/place";
import { Hits, Search } from "../../log/Search";
import { LogStore, type Stream } from "../../log/store";
import { Icon } from "../../parts/Icon";
import type { JobState } from "../../state/job";
import { isFree, singleKeys } from "../../state/keys";
import { bytes } from "../../text/format";
import { say } from "../../text/job";

interface Props {
  state: JobState;
  jobId: string;
  stream: Stream;
  attempt: number;
  isOne: boolean;
  /** Single keys are for this one while the focus is in none. */
  isFirst: boolean;
  wrap: boolean;
}

/** Shows one stream. */
export function LogPane({ state, jobId, stream, attempt, isOne, isFirst, wrap }: Props): JSX.Element {
  const place = useComputed(() => placeIn(stream, isOne));
  const store = useMemo(() => new LogStore(jobId, stream, attempt), [jobId, stream, attempt]);
  const finder = useMemo(() => new Finder(store), [store]);
  const jump = useSignal(0);
  const pane = useRef<HTMLElement>(null);
  const lineField = useRef<HTMLInputElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  useEffect(() => {
    store.open(place.peek()?.first ?? null);
    return () => {
      finder.clear();
      store.close();
    };
  }, [store]);
  // The last lines are there at once when the job has ended.
  const ended = state.hasEnded.value;
  useEffect(() => {
    if (ended && !store.ended.peek() && store.known.peek()) store.look();
  }, [ended]);
  const onPlace = (range: Range): void => {
    setQuery({ tab: "log", pane: isOne || stream === "stdout" ? null : stream });
    setFragment(placeOf(range));
  };
  const toLine = (line: number): void => {
    jump.value += 1;
    onPlace({ first: line, last: line });
  };
  const turn = (back: boolean): void => {
    if (finder.sought.peek() === null) return;
    const from = place.peek()?.first ?? (back ? store.total.peek() + 1 : 0);
    void (back ? finder.previous(from) : finder.next(from)).then((line) => line !== null && toLine(line));
  };
  const ways = { n: () => turn(false), N: () => turn(true), g: () => lineField.current?.focus(), "/": () => searchField.current?.focus() };
  useKeys(pane, isFirst, ways);
  return (
    <section class="log-pane" aria-label={stream} ref={pane}>
      <header class="log-head">
        {!isOne && <h2>{stream}</h2>}
        <Search {...{ finder, stream, toLine, turn }} field={searchField} />
        <a class="button" href={address(`jobs/${jobId}/log/${stream}`, { attempt })} download={`${jobId.slice(0, 8)}-${attempt}.${stream}`}>
          <Icon name="download" />
          {say("log.download")}
          {store.sizeBytes.value > 0 && <span class="muted number">{bytes(store.sizeBytes.value)}</span>}
        </a>
        <Hits {...{ finder, stream, toLine, turn }} line={place.value?.first ?? null} />
      </header>
      <Body {...{ store, place, jump, onPlace, toLine, finder, wrap }} field={lineField} />
    </section>
  );
}

/** Answers to single keys that are pressed in a pane, or in none when it is the first. */
function useKeys(pane: { current: HTMLElement | null }, isFirst: boolean, ways: Readonly<Record<string, () => void>>): void {
  const latest = useRef(ways);
  latest.current = ways;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const way = Object.hasOwn(latest.current, event.key) ? latest.current[event.key] : undefined;
      if (way === undefined || !singleKeys.peek() || !isFree(event)) return;
      const inPane = document.activeElement?.closest(".log-pane") ?? null;
      if (inPane === null ? !isFirst : inPane !== pane.current) return;
      event.preventDefault();
      way();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [isFirst]);
}

function placeIn(stream: Stream, isOne: boolean): Range | null {
  if (!isOne && (query.value.get("pane") ?? "stdout") !== stream) return null;
  return readPlace(fragment.value);
}

type BodyProps = Omit<Parameters<typeof LogView>[0], "place"> & { place: ReadonlySignal<Range | null> };

function Body(props: BodyProps): JSX.Element {
  const { store } = props;
  if (store.trouble.value !== null && !store.known.value) {
    return <p class="log-empty muted">{say("log.trouble", { detail: store.trouble.value })}</p>;
  }
  if (!store.known.value) return <p class="log-empty muted">{say("loading")}</p>;
  if (store.total.value === 0) {
    return <p class="log-empty muted">{say(store.ended.value ? "log.empty_ended" : "log.empty", { stream: store.stream })}</p>;
  }
  return <LogView {...props} />;
}
