"""The pages that are made of the shape's data, as Markdown."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from shape_data import Door, Misfit, Operation, Out, Row, Rule, Shape, System, Words

from headway.core.errors import Conflict
from headway.core.model.state import REASONS, Reason, State, check_step, pairs

_MADE: Final = "<!-- Made by tools/shape.py from docs/reference/shape/*.toml. Edit those. -->"
_BLOCK: Final = re.compile(r"(<!-- begin (\w+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)
_NONE: Final = "-"

#: What is no ordinary step: by Job.next_attempt, Job.reopened and Job.corrected.
_EXPLICIT: Final = (
    "queued --> accepted: attempt + 1",
    "running --> accepted: attempt + 1",
    "succeeded --> accepted: retry",
    "failed --> accepted: retry",
    "cancelled --> accepted: retry",
    "succeeded --> running: reopened",
    "failed --> running: reopened",
    "succeeded --> failed: corrected",
    "failed --> succeeded: corrected",
    "failed --> cancelled: corrected",
)
_KINDS: Final = {
    "fits": "the model holds it",
    "rule": "decided, no change of the model",
    "addition": "an addition, with the protocol that needs it",
}

_INTRO: Final = """# The shape: many protocols, one core

Every request of every protocol that Headway speaks or will speak, the one core operation that it becomes, and the word that
each protocol says for each state of a job. It is the proof that one core serves them all: the tests hold every row against the
code, and every vocabulary against all allowed (state, reason) pairs.

A *seed* is the document of a system that Headway speaks for: the MWA progress service, ARP, the jobs database, moi and
joblauncher. What their successors and the standards ask is here too.

How to read it:

- **Operation** is a function of `headway.core.operations`; its arguments are named with where each comes from. `actor` and
  `protocol` go without saying. *planned* means that the operation comes with the protocol; what it needs of the model is in
  [the list of operations](#operations).
- *to add* names fields that the model does not have yet. All are additions: nothing that stands changes.
- **Words**: the first rule that fits gives the word, so each pair has exactly one. *(status text)* means that the job's own
  words stand in its place in that state.
- Below each table are the lines of the protocol's own documents that the rows answer."""


_PAIRS_INTRO: Final = """The word of each protocol for each allowed pair, by the rules above. Before its end, a job whose end
was asked for is `dismissed` at the OGC protocols."""

_NATIVE_INTRO: Final = """What a scheduler's or service's own word becomes. A word that is not here is kept raw on the attempt
and reported, never guessed; a scheduler that cannot be asked changes nothing but the reason (`unreachable`)."""

_EVENTS_INTRO: Final = """# Events

An event is what people would call news. It is one append-only row, written in the same transaction as the change it tells of,
with `seq`, `job`, `time`, `type`, `actor`, `protocol` and `data`. Read one job's at `GET /api/v1/jobs/{id}/events`;
`seq` is the cursor.

Progress and counters are not events: a worker's report is one row with a change sequence, and a live client is told of it
through the change stream. The keys of `data` may be absent when they say nothing; more may be added."""

_EVENTS_END: Final = """Readers named after a protocol come with that protocol. An event that nobody writes yet has its name
reserved."""


def shape_page(shape: Shape) -> str:
    """Make the reference page of all requests and words."""
    parts = [
        _MADE,
        _INTRO,
        _overview(shape),
        *(_door(door, shape.operations) for door in shape.doors),
        "## All pairs at a glance",
        _PAIRS_INTRO,
        _all_pairs(shape),
        "## Native words, as they come in",
        _NATIVE_INTRO,
        *(_system(system) for system in shape.systems),
        "## Operations",
        _operations(shape),
        "## Where a row did not fit",
        "What did not go into the model at first sight, and what became of it.",
        *(_misfit(misfit, shape) for misfit in shape.misfits),
    ]
    return "\n\n".join(parts) + "\n"


def events_page(shape: Shape) -> str:
    """Make the reference page of events."""
    rows = [
        (
            f"`{event.type}`",
            event.when,
            ", ".join(f"`{name}`" for name in event.by) or "*nobody yet*",
            event.data or _NONE,
            event.readers,
        )
        for event in shape.events
    ]
    parts = [
        _MADE,
        _EVENTS_INTRO,
        _table(("event", "when", "written by", "data", "who reads it"), rows),
        _EVENTS_END,
    ]
    return "\n\n".join(parts) + "\n"


def states_page(shape: Shape, text: str) -> str:
    """Make the explanation of states: the text that people wrote, with its marked blocks made anew."""
    blocks = {
        "chart": _chart(),
        "states": _table(
            ("state", "meaning", "reasons it can have"),
            [(f"`{s}`", shape.meanings.states[s], _reasons_of(s)) for s in State],
        ),
        "reasons": _table(
            ("reason", "meaning", "in the states"),
            [(f"`{r}`", shape.meanings.reasons[r], _states_of(r)) for r in Reason],
        ),
    }
    return _BLOCK.sub(lambda found: f"{found[1]}\n{blocks[found[2]]}\n\n{found[3]}", text)


def _overview(shape: Shape) -> str:
    rows = []
    for door in shape.doors:
        planned = sum(_is_planned(row, shape.operations) for row in door.row)
        words = "; ".join(", ".join(words.vocabulary) for words in door.words[:1])
        link = f"[{door.title}](#{_anchor(door.title)})"
        rows.append((link, str(len(door.row)), str(planned), str(len(door.out)), words))
    return _table(("protocol", "requests", "of them planned", "goes out", "its words"), rows)


def _door(door: Door, operations: dict[str, Operation]) -> str:
    asked = _table(
        ("request", "operation", "answer"),
        [(_code(row.request), _call(row, operations), row.answer) for row in door.row],
    )
    parts = [f"## {door.title}", door.about, asked]
    parts += [_words(words) for words in door.words]
    parts += ["**What goes out**", _outs(door.out)]
    parts += [_lines(door)] if door.lines else []
    return "\n\n".join(parts)


def _call(row: Row, operations: dict[str, Operation]) -> str:
    if row.operation == "none":
        return f"none: {row.because}"
    planned = " *planned*" if operations[row.operation].planned else ""
    words = [f"**{row.operation}**{planned}"]
    words += [f"`{name}`: {source}" for name, source in row.with_.items()]
    if row.also:
        words.append("beside " + _listed(row.also))
    if row.uses:
        words.append("reads " + _listed(row.uses))
    if row.needs:
        words.append("*to add:* " + _listed(row.needs))
    return "<br>".join(words)


def _words(words: Words) -> str:
    rows = [
        (
            _listed(rule.state),
            _when(rule, words),
            f"**{rule.word}**{_text_mark(rule, words)}",
            *(rule.extra[column] for column in words.columns),
        )
        for rule in words.rule
    ]
    table = _table(("state", "reason", "word", *words.columns), rows)
    never = "".join(f"\n\n`{word}`: {why}." for word, why in words.never.items())
    return f"**Words: {words.title}**\n\n{table}{never}"


def _when(rule: Rule, words: Words) -> str:
    if rule.cancel:
        return "any, once its end was asked for"
    if rule.reason:
        return _listed(rule.reason)
    earlier = words.rule[: words.rule.index(rule)]
    taken = any(set(other.state) & set(rule.state) for other in earlier)
    return "any other" if taken else "any"


def _text_mark(rule: Rule, words: Words) -> str:
    return " *(status text)*" if set(rule.state) & set(words.text_while) else ""


def _outs(outs: Iterable[Out]) -> str:
    rows = []
    for out in outs:
        planned = [f"{event} (*planned*)" for event in out.planned_events]
        body = out.body + (f". *To add:* {_listed(out.needs)}" if out.needs else "")
        rows.append((out.what, out.when, ", ".join([*out.events, *planned]) or _NONE, body))
    return _table(("what", "when", "on the events", "what it says"), rows)


def _lines(door: Door) -> str:
    quoted = "\n".join(f"- {_quoted(line)}" for line in door.lines.values())
    return f"<details><summary>The lines that these rows answer ({len(door.lines)})</summary>\n\n{quoted}\n\n</details>"


def _all_pairs(shape: Shape) -> str:
    vocabularies = list(shape.vocabularies())
    heads = [f"{door.door} {words.name}" for door, words in vocabularies]
    rows = []
    for state, reason in pairs():
        found = [words.find(state, reason) for _, words in vocabularies]
        rows.append((state, reason or _NONE, *(rule.word if rule else "?" for rule in found)))
    return _table(("state", "reason", *heads), rows)


def _system(system: System) -> str:
    rows = [
        (f"`{word.native}`", word.when or _NONE, word.state, word.reason or _NONE)
        for word in system.word
    ]
    return f"### {system.name}\n\n" + _table(("native", "when", "state", "reason"), rows)


def _operations(shape: Shape) -> str:
    calls = list(chain.from_iterable((row.operation, *row.also) for _, row in shape.rows()))
    rows = []
    for name, operation in shape.operations.items():
        what = "stands"
        if operation.planned:
            arguments = [*operation.arguments, *(f"{one}?" for one in operation.optional)]
            adds = f"; adds {'; '.join(operation.adds)}" if operation.adds else ""
            what = (
                f"*planned* in `{operation.module}`: {_listed(arguments)};"
                f" uses {_listed(operation.uses)}{adds}"
            )
        rows.append((f"`{name}`", operation.does, str(calls.count(name)), what))
    return _table(("operation", "what it does", "rows", "stands or planned"), rows)


def _misfit(misfit: Misfit, shape: Shape) -> str:
    titles = {door.door: door.title for door in shape.doors}
    where = "; ".join(titles[door] for door in misfit.doors) or "executors"
    needs = f" *To add:* {_listed(misfit.needs)}." if misfit.needs else ""
    return (
        f"### {misfit.title}\n\n*{where}. {_KINDS[misfit.kind].capitalize()}.*\n\n"
        f"{misfit.what}\n\n{misfit.how}{needs}"
    )


def _chart() -> str:
    steps = [
        f"{before} --> {after}" for before in State for after in State if _steps(before, after)
    ]
    body = "\n".join(f"    {step}" for step in ["[*] --> accepted", *steps, *_EXPLICIT])
    return f"```mermaid\nstateDiagram-v2\n{body}\n```"


def _steps(before: State, after: State) -> bool:
    """Tell whether the model allows the ordinary step."""
    try:
        check_step(before, after, next(iter(REASONS[after])))
    except Conflict:
        return False
    return before is not after


def _reasons_of(state: State) -> str:
    named = [f"`{reason}`" for reason in Reason if reason in REASONS[state]]
    return ", ".join((["none"] if None in REASONS[state] else []) + named)


def _states_of(reason: Reason) -> str:
    return ", ".join(f"`{state}`" for state in State if reason in REASONS[state])


def _is_planned(row: Row, operations: dict[str, Operation]) -> bool:
    return row.operation != "none" and operations[row.operation].planned


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _code(text: str) -> str:
    return f"`{text}`"


def _quoted(line: str) -> str:
    return f"`` {line} ``"


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
