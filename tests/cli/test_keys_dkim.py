"""`manage.py keys dkim`, as an operator runs it, and what `check`, `serve` and `worker` say of the key."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from portal.mail.dkim_key import dns_record, read_key

MANAGE = Path(__file__).parents[2] / "manage.py"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "PORTAL_DATA": str(tmp_path), "PORTAL_MAIL_FROM": "privacy@ternwick.example"}


@pytest.fixture
def run(tmp_path: Path, surroundings: dict[str, str]) -> Run:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(MANAGE), *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=surroundings, capture_output=True, text=True, timeout=60, check=False
        )

    return run


def test_it_makes_a_key_for_its_owner_and_tells_what_to_publish_and_to_set(run: Run, tmp_path: Path) -> None:
    made = run("keys", "dkim", "dkim.pem", "--selector", "Portal2026")
    assert (made.returncode, made.stderr) == (0, "")
    file = tmp_path / "dkim.pem"
    assert file.stat().st_mode & 0o777 == 0o600
    record, _, rest = made.stdout.partition("\n")
    assert record == dns_record("ternwick.example", "portal2026", read_key(file))
    value = "".join(re.findall(r'"([^"]*)"', record)).encode()
    assert dkim.evaluate_pk("there", value)[1] == 2048
    for line in ("DOMAIN=ternwick.example", "SELECTOR=portal2026", f"KEY_FILE={file}"):
        assert f"PORTAL_DKIM_{line}\n" in rest


def test_a_key_that_is_there_stays_and_its_record_is_told(
    run: Run, tmp_path: Path, surroundings: dict[str, str]
) -> None:
    run("keys", "dkim", "dkim.pem", "--selector", "s")
    before = (tmp_path / "dkim.pem").read_bytes()
    refused = run("keys", "dkim", "dkim.pem", "--selector", "s")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "dkim.pem is there already and stays as it is" in refused.stderr
    assert (tmp_path / "dkim.pem").read_bytes() == before
    surroundings |= {"PORTAL_DKIM_DOMAIN": "mail.example", "PORTAL_DKIM_SELECTOR": "set"}
    surroundings["PORTAL_DKIM_KEY_FILE"] = str(tmp_path / "dkim.pem")
    told = run("keys", "dkim", "dkim.pem", "--record")
    assert told.stdout == dns_record("mail.example", "set", read_key(tmp_path / "dkim.pem")) + "\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dkim.pem"], "--selector: name the key"),
        (["dkim.pem", "--selector", "a_b"], "PORTAL_DKIM_SELECTOR: Value error, write letters, digits and hyphens"),
        (["dkim.pem", "--selector", "s", "--domain", "bücher.example"], "PORTAL_DKIM_DOMAIN: Value error"),
        (["missing/dkim.pem", "--selector", "s"], "missing/dkim.pem cannot be written: No such file or directory"),
        (["missing.pem", "--selector", "s", "--record"], "missing.pem cannot be read: No such file or directory"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_written(
    run: Run, tmp_path: Path, arguments: list[str], said: str
) -> None:
    refused = run("keys", "dkim", *arguments)
    assert refused.returncode in (1, 2)
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not (tmp_path / "dkim.pem").exists()


@pytest.mark.parametrize("missing", ["DOMAIN", "SELECTOR", "KEY_FILE"])
def test_a_part_of_the_settings_alone_is_refused_with_what_is_missing(
    run: Run, surroundings: dict[str, str], missing: str
) -> None:
    surroundings |= {"PORTAL_DKIM_DOMAIN": "a.example", "PORTAL_DKIM_SELECTOR": "s", "PORTAL_DKIM_KEY_FILE": "k.pem"}
    del surroundings[f"PORTAL_DKIM_{missing}"]
    refused = run("serve")
    assert refused.returncode == 2
    assert f"missing: PORTAL_DKIM_{missing}\n" in refused.stderr


def test_check_names_a_key_that_cannot_sign_and_nothing_where_it_can(
    run: Run, surroundings: dict[str, str], tmp_path: Path
) -> None:
    run("keys", "dkim", "dkim.pem", "--selector", "s")
    file = tmp_path / "dkim.pem"
    surroundings |= {"PORTAL_DKIM_DOMAIN": "ternwick.example", "PORTAL_DKIM_SELECTOR": "s"}
    surroundings["PORTAL_DKIM_KEY_FILE"] = str(file)
    assert "DKIM" not in run("check").stdout
    file.chmod(0o640)
    assert f"settings: PORTAL_DKIM_KEY_FILE: {file} can be read by others" in run("check").stdout
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(pem)
    file.chmod(0o600)
    assert "is an Ed25519 key, whose signatures large receivers fail; take RSA" in run("check").stdout


def test_check_names_a_domain_that_proves_nothing_about_the_sender(
    run: Run, surroundings: dict[str, str], tmp_path: Path
) -> None:
    run("keys", "dkim", "dkim.pem", "--selector", "s")
    surroundings |= {"PORTAL_DKIM_SELECTOR": "s", "PORTAL_DKIM_KEY_FILE": str(tmp_path / "dkim.pem")}
    for domain in ("example", "mail.ternwick.example"):
        surroundings["PORTAL_DKIM_DOMAIN"] = domain
        assert "DKIM" not in run("check").stdout
    surroundings["PORTAL_DKIM_DOMAIN"] = "other.example"
    said = "settings: PORTAL_DKIM_DOMAIN other.example is not the domain of PORTAL_MAIL_FROM privacy@ternwick.example"
    assert said in run("check").stdout


def test_a_server_with_a_key_that_cannot_sign_does_not_start(
    run: Run, surroundings: dict[str, str], tmp_path: Path
) -> None:
    run("migrate")
    surroundings |= {"PORTAL_DKIM_DOMAIN": "ternwick.example", "PORTAL_DKIM_SELECTOR": "s"}
    surroundings["PORTAL_DKIM_KEY_FILE"] = str(tmp_path / "none.pem")
    for workers in ("1", "2"):
        refused = run("serve", "--workers", workers)
        assert refused.returncode == 1
        assert refused.stderr.endswith(
            f"PORTAL_DKIM_KEY_FILE: {tmp_path}/none.pem cannot be read: No such file or directory\n"
        )
