"""`manage.py simulate FILE…`."""

import json
from pathlib import Path

import pytest

from portal.cli import main

VECTORS = Path(__file__).parents[1] / "rules" / "vectors"
WORKED = VECTORS / "00.json"


def simulate(*files: Path) -> int:
    """Runs the command as the shell does; its exit status."""
    with pytest.raises(SystemExit) as ended:
        main(["simulate", *map(str, files)])
    return int(ended.value.code or 0)


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def expected(vector: Path) -> object:
    return json.loads(vector.read_bytes())["expected"]


def test_every_file_gets_a_line_in_the_order_given(capsys: pytest.CaptureFixture[str]) -> None:
    vectors = sorted(VECTORS.glob("*.json"), reverse=True)
    assert simulate(*vectors) == 0
    out, err = capsys.readouterr()
    assert [json.loads(line) for line in out.splitlines()] == [expected(vector) for vector in vectors]
    assert err == ""


def test_a_bare_scenario_is_answered_like_one_under_its_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bare = written(tmp_path / "bare.json", json.dumps(json.loads(WORKED.read_bytes())["scenario"]))
    assert simulate(bare) == 0
    assert json.loads(capsys.readouterr().out) == expected(WORKED)


def with_words(old: str, new: str) -> str:
    """The worked scenario, with some of its JSON replaced."""
    text = WORKED.read_text("utf-8")
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("", "line 1 column 1", id="an empty file"),
        pytest.param('{"policy": {},\n "versions" []}', "line 2 column 13", id="no JSON"),
        pytest.param(b'{"policy": "\xe9"}', "position 12", id="no UTF-8"),
        pytest.param("[" * 100_000, "nested too deeply", id="nested without end"),
        pytest.param("[]", "an object is wanted here", id="no object"),
        pytest.param('{"a": 1, "b": 2, "a": 3}', 'the key "a" stands twice', id="a key twice"),
        pytest.param(with_words('"objection_days": 20', '"objection_days": 9'), "policy.notice.objection_days", id="9"),
        pytest.param(
            with_words('"objection_days": 20', f'"objection_days": {"9" * 5_000}'),
            "policy.notice.objection_days",
            id="a number of thousands of digits",
        ),
        pytest.param(
            with_words('"objection_days": 20', f'"objection_days": {"[" * 900}{"]" * 900}'),
            "policy.notice.objection_days",
            id="a list of lists of lists",
        ),
        pytest.param(with_words('"version": 2', '"version": 1e400'), "events[0].version", id="infinite"),
        pytest.param(with_words('"version": 2', '"version": NaN'), "events[0].version", id="not a number"),
        pytest.param(with_words('"2026-03-02T04:30:00Z"', '"9999-12-31T00:00:00Z"'), "events[0].at", id="year 9999"),
        pytest.param(
            with_words('"2026-01-10T00:00:00Z"', '"0000-01-10T00:00:00Z"'), "members[0].joined_at", id="year 0"
        ),
        pytest.param(
            with_words('"America/New_York"', '"America/Old_York"'), "policy.notice.zone", id="an unknown zone"
        ),
        pytest.param(with_words('"type": "sent"', '"type": "faxed"'), "events[0].type", id="an unknown type"),
    ],
)
def test_what_cannot_be_answered_is_named_and_the_others_are_answered(
    text: str | bytes, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = written(tmp_path / "wrong.json", text)
    assert simulate(WORKED, wrong, WORKED) == 2
    out, err = capsys.readouterr()
    assert [json.loads(line) for line in out.splitlines()] == [expected(WORKED)] * 2
    [line] = err.splitlines()
    assert line.startswith(f"{wrong}: ")
    assert named in line


def test_files_that_cannot_be_read_are_each_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate(tmp_path / "missing.json", tmp_path, WORKED) == 2
    out, err = capsys.readouterr()
    assert json.loads(out) == expected(WORKED)
    assert err.splitlines() == [
        f"{tmp_path / 'missing.json'}: No such file or directory",
        f"{tmp_path}: Is a directory",
    ]


def test_without_a_file_it_asks_for_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate() == 2
    assert "scenario file" in capsys.readouterr().err


def test_a_byte_order_mark_does_no_harm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    marked = written(tmp_path / "marked.json", b"\xef\xbb\xbf" + WORKED.read_bytes())
    assert simulate(marked) == 0
    assert json.loads(capsys.readouterr().out) == expected(WORKED)
