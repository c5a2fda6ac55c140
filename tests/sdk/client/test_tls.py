"""A server with a certificate, and who trusts it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.server.patience import eventually

from headway import AsyncClient, Client, ServerUnreachable
from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.service("openssl")]

REPORTS = "from headway import progress\nfor x in progress(range(3), worker='w'): pass"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tls")
    cert = place / "cert.pem"
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")
    made = ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *subject)
    subprocess.run(
        ["openssl", "req", *made, "-keyout", place / "key.pem", "-out", cert],
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return cert


@pytest.fixture(scope="module")
def secure(certificate: Path) -> Iterator[ServerProcess]:
    """A server with a certificate that nobody trusts unless told."""
    key = certificate.with_name("key.pem")
    arguments = ("--cert", str(certificate), "--key", str(key))
    with ServerProcess(certificate.with_name("data"), arguments=arguments) as server:
        yield server.start()
        server.stop()


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.mark.usefixtures("trusting")
async def test_what_the_machine_trusts_both_clients_trust_and_their_user_is_known(
    secure: ServerProcess,
) -> None:
    assert secure.url.startswith("https://")
    with Client(secure.url) as client:
        assert client.whoami().via == "own-user"
    async with AsyncClient(secure.url) as aio:
        assert (await aio.whoami()).via == "own-user"


async def test_a_certificate_that_is_not_trusted_is_told_as_that(secure: ServerProcess) -> None:
    words = "is not trusted here .*self-signed.*SSL_CERT_FILE"
    with Client(secure.url) as client, pytest.raises(ServerUnreachable, match=words):
        client.whoami()
    async with AsyncClient(secure.url) as aio:
        with pytest.raises(ServerUnreachable, match=words):
            await aio.whoami()


@pytest.mark.usefixtures("trusting")
def test_a_job_reports_to_its_server_where_it_trusts_it(
    secure: ServerProcess, certificate: Path
) -> None:
    with Client(secure.url) as client:
        job = client.submit(
            [sys.executable, "-c", REPORTS], environment={"SSL_CERT_FILE": str(certificate)}
        )
        assert client.wait(job.id, timeout_s=60).exit_code == 0
        # What cannot be said in time at the end comes by the spool.
        told = [("w", 3, 3)]
        eventually(
            lambda: [(w.id, w.current, w.total) for w in client.workers(job.id)] == told,
            what="its last report has come",
        )
