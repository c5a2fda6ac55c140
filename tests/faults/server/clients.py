"""Clients that never give up: what they ask for they ask again, with the same key, until it is answered."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from headway.core.errors import InFlight, ServerUnreachable
from headway.sdk import answers, requests
from headway.sdk.client import Client
from headway.sdk.specs import report_spec

T = TypeVar("T")

_AGAIN_S: Final = 0.02
_LOOK_S: Final = 0.05
_PATIENCE_S: Final = 120.0
_STEPS: Final = 5

#: What a job's shell line ends with, and what must be said of its end: state, exit code, signal.
ENDS: Final = {
    "exit 0": ("succeeded", 0, None),
    "exit 1": ("failed", 1, None),
    "exit 7": ("failed", 7, None),
    "exit 127": ("failed", 127, None),
    "exit 255": ("failed", 255, None),
    "kill -9 $$": ("failed", None, 9),
    "kill -15 $$": ("failed", None, 15),
}


@dataclass
class Wanted:
    """One job that a client asked for.

    Attributes:
        word: its name, its key and its line in the ledger.
        end: the end of its shell line; "cancel" for one that is to be cancelled, "report" for one that only reports.
        id: set when the server has answered; such a job is acknowledged.
        told: how far its worker is, as the server last acknowledged.
        attempts: how many the server has acknowledged.
    """

    word: str
    end: str
    id: str | None = None
    told: int = 0
    attempts: int = 1
    ended: bool = False


class Clients:
    """Threads that submit, report and cancel against a server that dies under them.

    Attributes:
        url: where the server is now; "" while it is not.
        wanted: every job that was asked for, also where no answer ever came.
        problems: what a client must never see.
    """

    def __init__(self, ledger: Path, dice: random.Random, *, count: int) -> None:
        self.url = ""
        self.wanted: list[Wanted] = []
        self.problems: list[str] = []
        self._ledger = ledger
        self._stop = threading.Event()
        self._gives_up = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._live, args=(f"c{number}", random.Random(dice.getrandbits(32)))
            )
            for number in range(count)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Let every client end what it is at, and wait for that. The server must run."""
        self._stop.set()
        for thread in self._threads:
            thread.join(2 * _PATIENCE_S)
            if thread.is_alive():
                self.problems.append(f"{thread.name} hangs")

    def give_up(self) -> None:
        """Let every client leave what it is at: no server comes any more. After ``finish`` there is nobody left."""
        self.url = ""
        self._gives_up.set()
        self.finish()

    def _live(self, name: str, dice: random.Random) -> None:
        lives = (
            *(self._run, self._run, self._run, self._cancel, self._cancel),
            *(self._report, self._retry),
        )
        number = 0
        while not self._stop.is_set():
            number += 1
            try:
                dice.choice(lives)(f"{name}-{number}", dice)
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is counted
                self.problems.append(f"{name}-{number}: {type(error).__name__}: {error}")

    def _run(self, word: str, dice: random.Random) -> None:
        end = dice.choice(list(ENDS))
        nap_s = dice.choice([0, 0, 0.02, 0.1, 0.3])
        wanted = self._want(word, end)
        script = f"echo {word} >> {self._ledger}; sleep {nap_s}; {end}"
        self._submit(wanted, script, gives_up=dice.random() < 0.1)
        self._see_it_end(wanted)

    def _cancel(self, word: str, dice: random.Random) -> None:
        wanted = self._want(word, "cancel")
        script = f"echo {word} >> {self._ledger}; exec sleep 600"
        self._submit(wanted, script, gives_up=False)
        time.sleep(dice.choice([0, 0.05, 0.2]))  # the instant of the wish is this test's input
        self._until_answered(lambda client: client.cancel(str(wanted.id)))
        self._see_it_end(wanted)

    def _retry(self, word: str, dice: random.Random) -> None:
        """Have a job run twice. Two at once would meet at the directory that each makes for as long as it runs."""
        wanted = self._want(word, "exit 7")
        alone = self._ledger.with_name(f"{word}.alone")
        script = (
            f"mkdir {alone} || echo {word} >> {self._ledger};"
            f" echo {word} >> {self._ledger}; sleep 0.05; rmdir {alone}; exit 7"
        )
        self._submit(wanted, script, gives_up=False)
        self._see_it_end(wanted)
        time.sleep(dice.choice([0, 0.05]))  # the instant of the wish is this test's input
        self._until_answered(lambda client: _again(client, str(wanted.id)))
        wanted.attempts, wanted.ended = 2, False
        self._see_it_end(wanted)

    def _report(self, word: str, dice: random.Random) -> None:
        wanted = self._want(word, "report")
        spec = report_spec({"name": word}, will_finish=True)
        made = self._until_answered(
            lambda client: answers.job(client.send(requests.submit(spec, key=word)))
        )
        wanted.id = made.id
        for step in range(1, _STEPS + 1):
            self._until_answered(partial(_tell, job_id=made.id, step=step))
            wanted.told = step
            time.sleep(dice.choice([0, 0.02, 0.1]))  # work, as far as the server can see
        self._until_answered(lambda client: client.finish(made.id))
        wanted.ended = True

    def _want(self, word: str, end: str) -> Wanted:
        wanted = Wanted(word, end)
        self.wanted.append(wanted)
        return wanted

    def _submit(self, wanted: Wanted, script: str, *, gives_up: bool) -> None:
        def ask(client: Client) -> str:
            return client.submit(["sh", "-c", script], name=wanted.word, key=wanted.word).id

        if not gives_up:
            wanted.id = self._until_answered(ask)
        elif self.url:
            try:
                with Client(self.url) as client:
                    wanted.id = ask(client)
            except ServerUnreachable:
                return

    def _see_it_end(self, wanted: Wanted) -> None:
        until = time.monotonic() + _PATIENCE_S
        while wanted.id is not None and not wanted.ended:
            wanted.ended = self._until_answered(
                lambda client: client.job(str(wanted.id)).state.is_final
            )
            if time.monotonic() > until:
                self.problems.append(f"{wanted.word} ({wanted.end}) does not end")
                return
            time.sleep(_LOOK_S)

    def _until_answered(self, ask: Callable[[Client], T]) -> T:
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                if self.url:
                    with Client(self.url) as client:
                        return ask(client)
            except (ServerUnreachable, InFlight):
                pass
            if time.monotonic() > until or self._gives_up.is_set():
                raise TimeoutError("no answer")
            time.sleep(_AGAIN_S)


def _again(client: Client, job_id: str) -> None:
    """Ask for a second attempt, unless an earlier try whose answer was lost has brought it."""
    if client.job(job_id).attempt == 1:
        client.retry(job_id)


def _tell(client: Client, *, job_id: str, step: int) -> float:
    return client.report(job_id, "w", current=step, total=_STEPS)
