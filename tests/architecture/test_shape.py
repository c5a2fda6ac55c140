"""The shape table holds: every request has a row, and every row fits the code."""

import ast
import importlib
import inspect
import pkgutil
import re
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import headway.core.model
import headway.core.operations
import headway.core.ports
from headway.core.core import Core, Settings
from headway.protocols.rest.addresses import PREFIX
from headway.protocols.rest.plugin import rows

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"


SHAPE: Any = runpy.run_path(str(TOOLS / "shape_data.py"))["load"]()  # tools/ is no package
ROWS = {f"{door.door}: {row.request}": row for door, row in SHAPE.rows()}
CALLS = {name: row for name, row in ROWS.items() if row.operation != "none"}
PROTOCOLS = ROOT / "src" / "headway" / "protocols"
LANDED = [door for door in SHAPE.doors if (PROTOCOLS / door.door).is_dir()]


# What stands in the code


def _public(package: Any) -> Iterator[tuple[str, Any]]:
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        yield from ((name, value) for name, value in vars(module).items() if name[0] != "_")


def _operations() -> dict[str, Callable[..., Any]]:
    return {
        name: value
        for name, value in _public(headway.core.operations)
        if inspect.isfunction(value) and value.__module__.startswith("headway.core.operations.")
    }


OPERATIONS = _operations()
NAMES = {"Core": Core, "Settings": Settings} | {
    name: value
    for package in (headway.core.model, headway.core.ports, headway.core.operations)
    for name, value in _public(package)
}


def stands(name: str) -> bool:
    """Tell whether ``Class.field`` or ``Class`` is in the core."""
    owner, _, field = name.partition(".")
    known = NAMES.get(owner)
    if known is None or not field:
        return known is not None
    return hasattr(known, field)


def missing(names: Iterable[str]) -> list[str]:
    return [name for name in names if not stands(name)]


def standing(names: Iterable[str]) -> list[str]:
    return [name for name in names if stands(name)]


def _claims() -> Iterator[Any]:
    """Everything in the data that names fields which stand (uses) or are to be added (needs)."""
    for door in SHAPE.doors:
        yield from (pytest.param(row, id=f"{door.door}: {row.request}") for row in door.row)
        yield from (pytest.param(out, id=f"{door.door}: {out.what}") for out in door.out)
    yield from (pytest.param(misfit, id=misfit.title) for misfit in SHAPE.misfits)


CLAIMS = list(_claims())


# Requests


@pytest.mark.parametrize("door", SHAPE.doors, ids=lambda door: door.door)
def test_every_line_of_a_protocols_own_document_is_answered_by_a_row(door: Any) -> None:
    answered = {line for part in (*door.row, *door.out) for line in part.lines}
    assert answered == set(door.lines)


@pytest.mark.parametrize("door", SHAPE.doors, ids=lambda door: door.door)
def test_every_row_answers_a_line_where_the_protocol_is_not_our_own(door: Any) -> None:
    assert [row.request for row in door.row if bool(row.lines) != bool(door.lines)] == []


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_row_that_calls_nothing_says_why(row: Any) -> None:
    assert (row.operation == "none") == bool(row.because)


@pytest.mark.parametrize("row", CALLS.values(), ids=CALLS)
def test_a_row_calls_an_operation_with_the_arguments_that_it_has(row: Any) -> None:
    operation = SHAPE.operations[row.operation]
    required, optional = (
        (set(operation.arguments), set(operation.optional))
        if operation.planned
        else _signature(OPERATIONS[row.operation])
    )
    given = set(row.with_) | {"actor", "protocol"}
    assert required <= given
    assert set(row.with_) <= required | optional


def _signature(function: Callable[..., Any]) -> tuple[set[str], set[str]]:
    core, *rest = inspect.signature(function).parameters.values()
    assert core.name == "core"
    assert all(argument.kind is argument.KEYWORD_ONLY for argument in rest)
    required = {argument.name for argument in rest if argument.default is argument.empty}
    return required, {argument.name for argument in rest} - required


def test_an_operation_stands_in_the_code_unless_it_is_planned() -> None:
    planned = {name for name, operation in SHAPE.operations.items() if operation.planned}
    assert set(SHAPE.operations) - planned <= set(OPERATIONS)
    assert not planned & set(OPERATIONS), "it has landed: take its plan out of operations.toml"


@pytest.mark.parametrize("name", SHAPE.operations)
def test_a_planned_operation_says_what_of_the_model_it_uses(name: str) -> None:
    operation = SHAPE.operations[name]
    assert bool(operation.uses) == operation.planned
    assert missing(operation.uses) == []


@pytest.mark.parametrize("row", CALLS.values(), ids=CALLS)
def test_the_other_operations_that_a_row_calls_stand(row: Any) -> None:
    assert set(row.also) <= set(OPERATIONS)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_field_that_is_used_stands(claim: Any) -> None:
    assert missing(claim.uses) == []


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_field_that_is_to_be_added_does_not_stand_yet(claim: Any) -> None:
    assert standing(claim.needs) == [], "it has landed: move it from needs to uses"


@pytest.mark.parametrize("door", LANDED, ids=lambda door: door.door)
def test_a_protocol_that_stands_calls_the_operations_of_its_rows_and_no_others(door: Any) -> None:
    rows = {name for row in door.row for name in (row.operation, *row.also) if name != "none"}
    assert _called_by(PROTOCOLS / door.door) == rows


def _called_by(package: Path) -> set[str]:
    trees = [ast.parse(path.read_text("utf-8")) for path in package.rglob("*.py")]
    imports = [
        node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
    ]
    ours = [node for node in imports if (node.module or "").startswith("headway.core.operations.")]
    return {alias.name for node in ours for alias in node.names} & set(SHAPE.operations)


def test_the_native_protocols_rows_are_those_of_its_table_of_routes() -> None:
    native = next(door for door in SHAPE.doors if door.door == "rest")
    requests = [part for row in native.row for part in row.request.split("; ")]
    told = {_nameless(request.partition("?")[0]) for request in requests}
    assert told == {_nameless(f"{row.method} {PREFIX}{row.path}") for row in rows()}


def _nameless(route: str) -> str:
    """Give the route without the names of its variables."""
    return re.sub(r"{\w+}", "{}", route)


def test_every_field_that_a_row_needs_is_argued_for_where_a_row_did_not_fit() -> None:
    argued = {name for misfit in SHAPE.misfits for name in misfit.needs}
    asked = {name for part in CLAIMS for name in part.values[0].needs}
    assert asked == argued


@pytest.mark.parametrize("misfit", SHAPE.misfits, ids=lambda misfit: misfit.title)
def test_a_misfit_names_protocols_that_are_there_and_a_known_kind(misfit: Any) -> None:
    assert set(misfit.doors) <= {door.door for door in SHAPE.doors}
    assert misfit.kind in {"fits", "rule", "addition"}


# Pages


def test_the_pages_are_what_their_data_say() -> None:
    told = subprocess.run(
        [sys.executable, str(TOOLS / "shape.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stderr == ""
    assert told.returncode == 0


def test_the_data_refuse_a_key_that_nobody_reads() -> None:
    kind = type(SHAPE.doors[0].row[0])
    with pytest.raises(msgspec.ValidationError, match="operatoin"):
        msgspec.convert({"request": "", "lines": [], "operatoin": "", "answer": ""}, kind)
