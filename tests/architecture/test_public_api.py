"""What is imported from headway is promised, and importing it costs nothing."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import headway
from headway.core import errors

PACKAGE = Path(errors.__file__).parents[1]
SERVER_SIDE = ("starlette", "uvicorn", "sqlalchemy", "alembic", "httpx", "rich", "PIL", "msgspec")


def loaded_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_public_names_are_sorted() -> None:
    assert headway.__all__ == sorted(headway.__all__)


@pytest.mark.parametrize("name", headway.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(headway, name) is not None
    assert name in dir(headway)


def test_what_type_checkers_are_told_is_what_is_there() -> None:
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text())
    told = {
        alias.name: node.module
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert sorted(told) == headway.__all__
    for name, module in told.items():
        assert module is not None
        assert getattr(import_module(module), name) is getattr(headway, name)


def test_every_error_is_public() -> None:
    raised = {name for name, value in vars(errors).items() if isinstance(value, type)}
    assert raised <= set(headway.__all__)


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    name = "Server"
    with pytest.raises(AttributeError, match="no attribute 'Server'"):
        getattr(headway, name)


def test_importing_headway_loads_nothing_else() -> None:
    loaded = loaded_after("import headway")
    assert {name for name in loaded if name.startswith("headway")} == {"headway"}


def test_importing_the_client_loads_no_server_and_no_database() -> None:
    loaded = loaded_after("from headway import Client")
    heavy = set(SERVER_SIDE) - {"msgspec"}
    assert not heavy & loaded
    assert not {name for name in loaded if name.startswith(("headway.app", "headway.stores"))}


def test_importing_progress_needs_the_standard_library_only() -> None:
    assert not set(SERVER_SIDE) & loaded_after("from headway import progress")
