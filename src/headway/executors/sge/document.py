"""Grid Engine's XML, read with suspicion: a part of an answer is none, and what is in it was written by other users."""

import re
from typing import Final
from xml.etree import ElementTree as ET

from headway.core.errors import ExecutorUnavailable
from headway.executors.batch.command import Output

_NO_XML_CHARACTER: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Roots of what is printed in an answer's place, with exit code 0: nobody was there to ask.
_NO_ANSWERS: Final = frozenset({"comunication_error", "communication_error"})


def parse(output: Output, *, what: str, root: str, text: str | None = None) -> ET.Element:
    """Read a whole document.

    Args:
        output: what the command printed.
        what: the command's name, for people.
        root: the name of the outermost element.
        text: the document, if it is not all that was printed.

    Raises:
        ExecutorUnavailable: it is not whole, not XML, another document, or declares a document type, as Grid Engine never
            does: those can make a small text a huge one.
    """
    if output.exit_code != 0:
        raise ExecutorUnavailable(f"{what} could not be asked: {output.complaint}")
    text = output.text if text is None else text
    if "<!" in text:
        raise ExecutorUnavailable(
            f"{what} answered with a document type, a comment or raw text, which Grid Engine never writes"
        )
    try:
        found = _parse(text)
    except ET.ParseError as error:
        raise ExecutorUnavailable(
            f"{what} gave no whole answer ({error}): {output.complaint}"
        ) from None
    if found.tag in _NO_ANSWERS:
        raise ExecutorUnavailable(f"{what} could not reach the qmaster: {output.complaint}")
    if found.tag != root:
        raise ExecutorUnavailable(f"{what} answered with <{found.tag}>, not with <{root}>")
    return found


def _parse(text: str) -> ET.Element:
    try:
        return ET.fromstring(text)  # noqa: S314 -- no document type, so no entities but XML's own five
    except ET.ParseError:
        clean = _NO_XML_CHARACTER.sub("\ufffd", text)
        if clean == text:
            raise
    return ET.fromstring(clean)  # noqa: S314 -- likewise


def text_of(element: ET.Element, name: str) -> str:
    """Give the text of a child, empty where there is none."""
    return (element.findtext(name) or "").strip()
