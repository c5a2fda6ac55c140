"""Headway's server with a store that answers before it writes: what the durable write costs is what it leaves out."""

import argparse
from pathlib import Path

import msgspec

from headway.app.options import ServeOptions
from headway.app.serve import run_beside
from headway.app.wiring import make_core
from headway.core.core import Core
from headway.core.model.change import Change, Written
from headway.core.model.names import Seq


class EarlyStore:
    """A store whose reports are answered at once and never written; all else is the real one's."""

    def __init__(self, store) -> None:
        self._store = store

    def __getattr__(self, name: str):
        return getattr(self._store, name)

    async def write(self, change: Change) -> Written:
        if change.reports is None or change.jobs:
            return await self._store.write(change)
        return Written(seq=Seq(1))


def early_core(options: ServeOptions, data, *, url: str, fatal) -> Core:
    core = make_core(options, data, url=url, fatal=fatal)
    return msgspec.structs.replace(core, store=EarlyStore(core.store))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--data", type=Path, required=True)
    told = parser.parse_args()
    run_beside(ServeOptions(port=told.port, data=told.data), None, make_core=early_core)


if __name__ == "__main__":
    main()
