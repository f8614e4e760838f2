"""`manage.py bench mail`: its mail server counts right, and a small run reports; no speed is judged."""

import json
import shutil
import smtplib
import socket
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from bench import absent, send_smtp_source
from bench.letter import letter_of
from bench.order import slots_as, values_of
from bench.sink import Sink, compiled, sink
from portal.cli import main

RATIOS = {
    "cpu_vs_smtp_source",
    "cpu_vs_nodemailer",
    "cpu_vs_django_post_office",
    "cpu_vs_aiosmtplib",
    "wall_vs_smtp_source_30ms_50",
    "fanout_vs_insert_select",
}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("sink"))


@pytest.fixture
def server(program: Path) -> Iterator[Sink]:
    with sink(program) as running:
        yield running


def message(text: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "a@example.com", "b@example.org", "Hello"
    made.set_content(text)
    return made


def exchanged(port: int, *groups: bytes, answers: int) -> list[bytes]:
    """The server's answers, line by line, to groups of bytes that are sent one after the other."""
    with socket.create_connection(("127.0.0.1", port)) as talk, talk.makefile("rb") as lines:
        for group in groups:
            talk.sendall(group)
            time.sleep(0.02)  # or the kernel might join them
        return [lines.readline().rstrip() for _ in range(answers)]


def test_the_server_counts_messages_connections_and_bytes(server: Sink) -> None:
    for _ in range(2):
        with smtplib.SMTP("127.0.0.1", server.port) as client:
            assert b"\nPIPELINING\n" in client.ehlo()[1]
            for text in ("one\n", "two\n.\n..three\n", "four\n"):
                assert client.send_message(message(text)) == {}
    counts = server.stop()
    assert (counts.messages, counts.connections) == (6, 2)
    assert 6 * 100 < counts.message_bytes < counts.bytes < 6 * 500


def test_commands_that_come_together_are_all_answered_in_their_order(server: Sink) -> None:
    envelope = b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
    group = b"Subject: x\r\n\r\ntext\r\n.\r\n" + envelope
    said = exchanged(server.port, b"NOOP\r\n" + envelope, group, b".\r\nWHAT\r\nQUIT\r\n", answers=12)
    assert [line[:3] for line in said] == b"220 250 250 250 354 250 250 250 354 250 500 221".split()
    assert server.stop().messages == 2


def test_a_final_dot_that_comes_in_pieces_is_seen(server: Sink) -> None:
    start = b"MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
    said = exchanged(server.port, start, b"text\r", b"\n.", b"\r", b"\nQUIT\r\n", answers=6)
    assert [line[:3] for line in said] == b"220 250 250 354 250 221".split()
    counts = server.stop()
    assert (counts.messages, counts.message_bytes) == (1, len(b"text\r\n"))


def test_each_answer_comes_as_late_as_told_and_delays_no_other_connection(program: Path) -> None:
    with sink(program, latency_ms=80) as server:
        began = time.monotonic()
        clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(5)]
        answers = [client.recv(100) for client in clients]
        first = time.monotonic() - began
        for client in clients:
            client.sendall(b"NOOP\r\nNOOP\r\n")
        answers += [client.recv(100) for client in clients]
        both = time.monotonic() - began
        for client in clients:
            client.close()
        assert all(answer.startswith(b"2") for answer in answers)
        assert 0.08 <= first < 0.3
        assert 0.16 <= both < 0.6  # ten waits one after the other would take 0.8 seconds
        assert server.stop().connections == 5


def test_a_client_that_leaves_before_its_answer_ends_nothing(program: Path) -> None:
    with sink(program, latency_ms=30) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as hasty:
            hasty.sendall(b"NOOP\r\n")
        with smtplib.SMTP("127.0.0.1", server.port) as client:
            client.send_message(message("still here\n"))
        counts = server.stop()
    assert (counts.messages, counts.connections) == (1, 2)


def test_a_notice_becomes_a_template_with_the_members_own_parts_as_slots() -> None:
    link, opt_out = "https://privacy.example.com/n/Wz.a-b_c", "https://privacy.example.com/opt-out/Wz.d-e_f"
    made = message(f"Hello Member 1,\n{link}\n{opt_out}?purpose=marketing\nMember 12 stays.\n")
    made.add_alternative(f'<p>Member 1</p><a href="{link}">x</a>', subtype="html")
    letter = letter_of(b"Return-Path: <a>\r\nDelivered-To: b\r\n" + made.as_bytes().replace(b"\n", b"\r\n"))
    assert letter.text == "Hello [[name]],\n[[link]]\n[[opt_out]]?purpose=marketing\nMember 12 stays.\n"
    assert slots_as(letter.html, "{{ ", " }}").strip() == '<p>{{ name }}</p><a href="{{ link }}">x</a>'
    assert letter.size == len(made.as_bytes().replace(b"\n", b"\r\n"))
    other = values_of({**letter.values, "link": link + "x" * 40}, 7)
    assert other["name"] == "Member 7"
    assert (len(other["link"]), other["link"][-3:]) == (len(link) + 40, "007")


def status(*arguments: object) -> int | str | None:
    with pytest.raises(SystemExit) as end:
        main(["bench", "mail", *map(str, arguments)])
    return end.value.code


SMALL = ("--messages", 12, "--members", 40, "--rounds", 1)


def test_a_small_run_reports_ratios_and_raw_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert not status(*SMALL, "--only", "aiosmtplib", "--only", "django-post-office", "--json")
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    rows = {row["peer"]: row for row in report["rows"]}
    assert report.keys() >= RATIOS
    assert set(rows) == {"ours", "aiosmtplib", "django-post-office"}
    for name, row in rows.items():
        assert (row["messages"], row["why_not"]) == (12, ""), name
        assert len(row["cpu_us_runs"]) == (2 if name == "ours" else 1), name  # beside each of the two
        assert row["cpu_us"] == min(row["cpu_us_runs"]), name
        assert abs(row["message_bytes"] / report["letter_bytes"] - 1) < 0.1, name  # they all send the same words
    for number, peer in enumerate(["django-post-office", "aiosmtplib"]):  # in the order in which they ran
        beside = rows[peer]["cpu_us"] / rows["ours"]["cpu_us_runs"][number]
        assert rows[peer]["cpu_ratio_rounds"] == [pytest.approx(beside)] == [rows[peer]["cpu_ratio"]]
    assert report["cpu_vs_aiosmtplib"] == rows["aiosmtplib"]["cpu_ratio"]
    assert report["cpu_vs_smtp_source"] is None
    assert [row["peer"] for row in report["far"]] == ["ours"]
    assert report["fanout"]["members"] == 40
    written = report["fanout"]
    assert report["fanout_vs_insert_select"] == pytest.approx(written["publish_s"] / written["insert_select_s"])


def test_a_peer_that_is_not_here_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A machine without Node.js, Postfix and apt-get, and with nothing fetched before.
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("cc", "as", "ld"):
        (tools / name).symlink_to(shutil.which(name) or name)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setattr(send_smtp_source, "INSTALLED", ())
    monkeypatch.setattr(send_smtp_source, "UNPACKED", tmp_path / "postfix")
    peers = ("--only", "smtp-source", "--only", "nodemailer")
    assert not status(*SMALL[:2], "--rounds", 1, "--members", 0, *peers, "--out", tmp_path / "out")
    page = (tmp_path / "out" / "mail.md").read_text()
    assert "| smtp-source | not run: smtp-source is not installed" in page
    assert "| nodemailer | not run: Node.js and npm are not installed |" in page
    assert "`manage.py bench mail --messages 12 --members 0 --rounds 1 --only smtp-source --only nodemailer`" in page
    assert str(tmp_path) not in page
    assert "| **ours** |" in page
    said = capsys.readouterr().out
    assert "nodemailer did not run: Node.js and npm are not installed" in said
    plot = ET.parse(tmp_path / "out" / "mail.svg").getroot()
    assert "nodemailer" not in "".join(text.text or "" for text in plot.iter("{http://www.w3.org/2000/svg}text"))


def test_without_a_compiler_nothing_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert status(*SMALL) == 1
    assert "no C compiler" in capsys.readouterr().err


def test_npm_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho no network >&2\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr(absent, "HERE", tmp_path)
    with pytest.raises(absent.NotRun, match="no network"):
        absent.need_npm_package("nodemailer")


@pytest.mark.parametrize(("option", "given"), [("--messages", 0), ("--members", -1), ("--rounds", 0)])
def test_a_number_that_is_too_small_is_refused(option: str, given: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(option, given) == 2
    assert option in capsys.readouterr().err


def test_a_folder_that_is_a_file_is_refused_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").touch()
    assert status("--out", tmp_path / "taken") == 2
    assert "--out" in capsys.readouterr().err
