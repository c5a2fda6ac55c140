"""The seed document's own lines, word for word but for the base URL, through bash, curl and requests to a real server."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from headway.sdk.client import Client
from headway.sdk.model import JobDocument
from headway.testing.server import ServerProcess

pytestmark = pytest.mark.service("bash", "curl")

#: The document's base URLs.
BASES = re.compile(r"https?://ws\.mwatelescope\.org")

CREATE = "http://ws.mwatelescope.org/progress/create?jobid=myjob123&desc=Testing"
UPDATES = (
    "https://ws.mwatelescope.org/progress/update?jobid=myjob123&workid=1&current=5&total=22",
    "https://ws.mwatelescope.org/progress/update?jobid=myjob123&workid=2&current=10&total=22",
    "https://ws.mwatelescope.org/progress/update?jobid=myjob123&workid=3&current=21&total=22",
)
SHOW = "https://ws.mwatelescope.org/progress/show?jobid=myjob123"
SHOW_DEMO = "http://ws.mwatelescope.org/progress/show?jobid=demo1"
RENDER = "https://ws.mwatelescope.org/progress/render?jobid=myjob123"

JOBID_LINE = "JOBID=${LOGNAME}:`date -Ins`"
CREATE_LINE = 'curl "http://ws.mwatelescope.org/progress/create?jobid=${JOBID}&desc=My+Job"'
ECHO_LINE = (
    'echo "View progress of this job at https://ws.mwatelescope.org/progress/show?jobid=${JOBID}"'
)
ENCODED_LINE = (
    'curl -G --data-urlencode jobid="${JOBID}" --data-urlencode desc="This is my job" '
    "http://ws.mwatelescope.org/progress/create"
)
#: The document leaves out the brace that ends the dictionary; it stands here.
REQUESTS_LINE = (
    "requests.get('https://ws.mwatelescope.org/progress/update', params={'jobid':sys.argv[1], "
    "'workid':'flagger1', 'current':7, 'total':50, 'desc':'lots of RFI'})"
)


def here(line: str, server: ServerProcess) -> str:
    return BASES.sub(server.url, line)


def shell(server: ServerProcess, *lines: str) -> list[str]:
    """Run lines one after the other in one bash, as the document's reader types them; gives what each printed."""
    script = "\necho; echo '--'\n".join(here(line, server) for line in lines)
    done = subprocess.run(
        ["bash", "-eu", "-c", script],
        env={"LOGNAME": "observer", "PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [part.strip() for part in done.stdout.split("--\n")]


def jobs(server: ServerProcess) -> list[JobDocument]:
    with Client(server.url) as client:
        return [client.job(job.id) for job in client.jobs()]


def workers(server: ServerProcess) -> dict[str, tuple[float, float | None, bool, str]]:
    with Client(server.url) as client:
        [job] = client.jobs()
        return {w.id: (w.current, w.total, w.ok, w.desc) for w in client.workers(job.id)}


def test_create_and_the_three_updates_make_one_job_of_three_workers(server: ServerProcess) -> None:
    said = shell(server, *(f'curl -sS "{url}"' for url in (CREATE, *UPDATES)))
    [job] = jobs(server)
    assert said == ["OK"] * 4
    assert (job.name, job.kind, job.state) == ("Testing", "report", "running")
    assert workers(server) == {
        "1": (5, 22, True, ""),
        "2": (10, 22, True, ""),
        "3": (21, 22, True, ""),
    }


def test_show_and_render_show_the_job(server: ServerProcess, tmp_path: Path) -> None:
    shell(server, *(f'curl -sS "{url}"' for url in (CREATE, *UPDATES)))
    [page] = shell(server, f'curl -sSf "{SHOW}"')
    shell(server, f'curl -sSf -o {tmp_path}/plot.png "{RENDER}"')
    picture = requests.get(here(RENDER, server).replace("render?", "render.svg?"), timeout=60).text
    assert "<title>54 % Testing</title>" in page
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG\r\n")
    assert all(f"{percent} %" in picture for percent in (22, 45, 95))
    assert "0 of 3 workers finished" in picture


def test_a_job_that_nobody_created_has_a_page_that_says_so(server: ServerProcess) -> None:
    answer = requests.get(here(SHOW_DEMO, server), timeout=60)
    assert answer.status_code == 404
    assert "No job is called demo1" in answer.text


def test_the_shells_lines_name_create_and_view_one_job(server: ServerProcess) -> None:
    name, created, told, encoded = shell(
        server, f"{JOBID_LINE}; echo $JOBID", CREATE_LINE, ECHO_LINE, ENCODED_LINE
    )
    view = told.removeprefix("View progress of this job at ")
    newer, older = jobs(server)
    assert re.fullmatch(r"observer:[-0-9]+T[0-9:]+,[0-9]{9}\+00:00", name)
    assert (created, encoded) == ("OK", "OK")
    # The line with a raw + and the one that encodes it mean the same name: the second run takes it over.
    assert (older.name, older.reason, newer.name) == ("My Job", "superseded", "This is my job")
    assert "This is my job" in requests.get(view, timeout=60).text


def test_the_requests_line_reports_on_the_job_that_the_shell_created(server: ServerProcess) -> None:
    program = f"import sys, requests\nprint({here(REQUESTS_LINE, server)}.text)"
    script = f'{JOBID_LINE}\n{CREATE_LINE}\necho\npython3 -c "$PROGRAM" "$JOBID"\n'
    done = subprocess.run(
        ["bash", "-eu", "-c", here(script, server)],
        env={"LOGNAME": "observer", "PATH": _python_path(), "PROGRAM": program},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    [job] = jobs(server)
    assert done.stdout == "OK\nOK\n"
    assert (job.name, "implicit" in job.labels) == ("My Job", False)
    assert workers(server) == {"flagger1": (7, 50, True, "lots of RFI")}


def _python_path() -> str:
    """Give a PATH on which python3 is the one that runs the tests: it has requests."""
    return f"{Path(sys.executable).parent}:/usr/bin:/bin"


@pytest.mark.parametrize(("sent", "ok"), [("ok=0", False), ("ok=1", True), ("desc=x", True)])
def test_ok_equal_to_zero_makes_the_bar_a_problem(
    server: ServerProcess, sent: str, ok: bool
) -> None:
    update = here(f"{UPDATES[0]}&{sent}", server)
    assert requests.get(update, timeout=60).text == "OK"
    assert workers(server)["1"][2] is ok
