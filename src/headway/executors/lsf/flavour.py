"""The two families of LSF commands, and how to tell which one answers. Pure."""

import re
from enum import StrEnum
from typing import Final, NamedTuple

from headway.core.errors import ExecutorRejected, ExecutorUnavailable
from headway.executors.batch.command import Output


class Flavour(StrEnum):
    """What a cluster's commands can do.

    IBM's ``bjobs`` prints chosen fields as JSON (``-o … -json``: IBM Spectrum LSF 10.1 from its Fix Pack 2 on), and a job can have
    a description. The classic ones (OpenLava, Volclava, Platform LSF, older IBM) print tables and texts for people only.
    """

    IBM = "ibm"
    CLASSIC = "classic"


class Version(NamedTuple):
    """What ``lsid`` said."""

    flavour: Flavour
    text: str


#: The product's name in its first line, in lower case.
_PRODUCTS: Final = (
    (re.compile(r"^ibm (?:spectrum|platform) lsf\b.*?(\d+(?:\.\d+)+)"), Flavour.IBM, ""),
    (re.compile(r"^platform lsf\b.*?(\d+(?:\.\d+)+)"), Flavour.CLASSIC, "Platform LSF "),
    (re.compile(r"^openlava(?: project)? v?(\d+(?:\.\d+)*)"), Flavour.CLASSIC, "OpenLava "),
    (re.compile(r"^volclava(?: project)? v?(\d+(?:\.\d+)*)"), Flavour.CLASSIC, "Volclava "),
)
#: What ``lsid`` says when it is an LSF and its daemons do not answer.
_DOWN: Final = re.compile(
    r"\b(?:LIM|lsid|ls_\w+|LSF)\b|not responding|configuration", re.IGNORECASE
)


def read_lsid(output: Output) -> Version:
    """Read what ``lsid`` printed; old ones print their version on standard error.

    Raises:
        ExecutorRejected: it is no LSF.
        ExecutorUnavailable: its daemons do not answer.
    """
    said = output.text + "\n" + output.stderr.decode("utf-8", "replace")
    for line in said.splitlines():
        for pattern, flavour, product in _PRODUCTS:
            found = pattern.match(line.strip().lower())
            if found:
                return Version(flavour, product + found[1])
    if output.exit_code != 0 and (_DOWN.search(output.complaint) or output.exit_code in {126, 127}):
        raise ExecutorUnavailable(f"lsid does not tell LSF's version: {output.complaint}")
    if not said.strip():
        raise ExecutorUnavailable("lsid printed nothing")
    raise ExecutorRejected(f"lsid is not LSF's: it says {output.complaint!r}")
