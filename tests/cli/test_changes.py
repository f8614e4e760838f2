"""`manage.py changes`: two texts, a batch of pairs, and what is refused."""

import json
from pathlib import Path

import pytest

from portal.cli import main
from portal.rules.changes import ENGINE, Comparison, apply_delta

OLD = "# Policy\n\nYou may object within 20 days.\n\nSee [our page](/a).\n"
NEW = "# Policy\n\nYou may object within 10 days.\n\nSee [our page](/b).\n"


@pytest.fixture
def texts(tmp_path: Path) -> tuple[Path, Path]:
    old, new = tmp_path / "old.md", tmp_path / "new.md"
    old.write_text(OLD)
    new.write_text(NEW)
    return old, new


def status(*arguments: object) -> int | str | None:
    with pytest.raises(SystemExit) as end:
        main(["changes", *map(str, arguments)])
    return end.value.code


def test_json_is_the_whole_result(texts: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert not status(*texts, "--json")
    result = Comparison.from_json(json.loads(capsys.readouterr().out))
    assert [change.cls for change in result.changes] == ["text", "link"]
    assert apply_delta(OLD, result.delta) == NEW


def test_a_person_reads_the_words_and_how_many_minor_changes_there_are(
    texts: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not status(*texts)
    out = capsys.readouterr().out
    assert "reworded" in out
    assert "You may object within [-20-]{+10+} days." in out
    assert "1 change; minor ones besides: 1 link" in out


def test_the_same_edit_in_many_places_is_shown_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.md", tmp_path / "new.md"
    old.write_text("".join(f"## {n}\n\nOur organisation has part {n}.\n\n" for n in range(1, 5)))
    new.write_text(old.read_text().replace("organisation", "organization"))
    assert not status(old, new)
    out = capsys.readouterr().out
    assert out.count("organization") == 1
    assert "and the same in 3 more places" in out
    assert "4 changes" in out
    assert f"engine {ENGINE}, sha256:" in out


def test_line_breaks_and_list_markers_are_not_marked_among_changed_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = tmp_path / "old.md", tmp_path / "new.md"
    old.write_text("We collect your name, the pages that you visit, and your payment details.\n")
    new.write_text("We collect:\n\n- your full name,\n- the pages that you visit, and\n- your payment details.\n")
    assert not status(old, new)
    out = capsys.readouterr().out
    assert "split" in out
    assert "- your {+full +}name," in out
    assert "{+- " not in out


def test_a_moved_paragraph_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = [f"Paragraph {name} says what it says at some length." for name in ("one", "two", "three")]
    old, new = tmp_path / "old.md", tmp_path / "new.md"
    old.write_text("\n\n".join(parts) + "\n")
    new.write_text("\n\n".join([*parts[1:], parts[0]]) + "\n")
    assert not status(old, new)
    out = capsys.readouterr().out
    assert "moved" in out
    assert "says what it says" not in out


def test_equal_texts_are_said_to_be_equal(texts: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert not status(texts[0], texts[0])
    assert capsys.readouterr().out == "The texts are equal.\n"


def test_a_batch_prints_a_result_a_line_and_names_what_it_refuses(
    texts: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = map(str, texts)
    batch = tmp_path / "pairs.jsonl"
    pairs = [{"id": "a", "old": old, "new": new}, {"id": "b", "old": old, "new": str(tmp_path / "missing.md")}]
    batch.write_text("".join(json.dumps(pair) + "\n" for pair in [*pairs, {**pairs[0], "id": "c"}]))
    assert status("--batch", batch, "--json") == 1
    captured = capsys.readouterr()
    results = [json.loads(line) for line in captured.out.splitlines()]
    assert [(result["id"], result["old_path"], result["new_path"]) for result in results] == [
        ("a", old, new),
        ("c", old, new),
    ]
    assert all(result["cpu_ms"] >= 0 for result in results)
    assert captured.err.startswith(f"{batch}:2: ")
    assert "missing.md: No such file" in captured.err


@pytest.mark.parametrize("line", ["{", "[]", '{"id": 1, "old": "a", "new": "b"}', '{"id": "a"}'])
def test_a_line_of_another_form_ends_the_batch(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    batch = tmp_path / "pairs.jsonl"
    batch.write_text(line + "\n")
    assert status("--batch", batch) == 2
    assert f"{batch}:1: not of the form" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raw", "why"), [(b"", "empty"), (b"\xff", "not valid UTF-8"), (b"a" * 1_000_001, "too large")]
)
def test_a_text_that_cannot_be_compared_is_named(
    raw: bytes, why: str, texts: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    texts[1].write_bytes(raw)
    assert status(*texts) == 1
    captured = capsys.readouterr()
    assert str(texts[1]) in captured.err
    assert why in captured.err


def test_one_text_alone_is_not_enough(texts: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert status(texts[0]) == 2
    assert "two files" in capsys.readouterr().err
