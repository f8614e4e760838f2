"""`members import` as a person meets it."""

from pathlib import Path

import pytest

from portal.cli import Stop
from portal.cli.members import import_members


@pytest.fixture(autouse=True)
def _settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", database_url)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, b"external_id,address\nc1,ann@example.org\nc2,nobody\nc1,again@example.org\n")


def written(folder: Path, content: bytes) -> Path:
    path = folder / "members.csv"
    path.write_bytes(content)
    return path


async def test_bad_rows_are_named_by_file_and_line_and_the_status_is_1(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await import_members(file) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{file}:3: address: 'nobody' is no mail address",
        f"{file}:4: external_id: 'c1' stands on line 2 already",
        "1 new, 0 changed, 0 unchanged, 2 left out",
    ]


async def test_all_or_nothing_names_them_too_and_writes_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Stop, match="2 rows are wrong, so nothing was brought in"):
        await import_members(file, all_or_nothing=True)
    assert len(capsys.readouterr().out.splitlines()) == 2


async def test_all_or_nothing_writes_all_where_every_row_is_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, b"external_id\nc1\n")
    assert await import_members(file, all_or_nothing=True) == 0
    assert capsys.readouterr().out == "1 new, 0 changed, 0 unchanged, 0 left out\n"


async def test_latin_1_is_refused_with_advice(tmp_path: Path) -> None:
    file = written(tmp_path, "external_id,name\nc1,Zoë\n".encode("latin-1"))
    with pytest.raises(Stop, match="--encoding latin-1"):
        await import_members(file)
    assert await import_members(file, encoding="latin-1") == 0


async def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"nowhere\.csv: No such file"):
        await import_members(tmp_path / "nowhere.csv")
