"""`history import`, `export` and `verify` as a person meets them."""

from pathlib import Path

import pytest

from portal.cli import Stop
from portal.cli.history import export_history, import_history, verify_history

SAMPLES = Path(__file__).parents[2] / "policies_history"


@pytest.fixture(autouse=True)
def _settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", database_url)
    monkeypatch.setenv("PORTAL_HISTORY", str(tmp_path / "archive"))


async def test_import_export_and_verify_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await import_history(SAMPLES)
    assert "5 new policies, 11 new versions; 0 versions were there already" in capsys.readouterr().out
    assert await export_history(tmp_path / "archive") == 0
    assert "contact-forms/0002.de.md" in capsys.readouterr().out
    assert await verify_history() == 0
    assert "agree" in capsys.readouterr().out


async def test_every_difference_is_a_line_and_the_status_is_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await import_history(SAMPLES)
    await export_history(tmp_path / "archive")
    (tmp_path / "archive" / "crm" / "0001.md").write_text("Other words.\n")
    (tmp_path / "archive" / "crm" / "0002.toml").unlink()
    capsys.readouterr()
    assert await verify_history() == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("crm/0001.md: other text: sha256:")
    assert lines[1:] == ["crm/0002.toml: missing", "2 differences"]
    assert await export_history(tmp_path / "archive") == 1
    assert (tmp_path / "archive" / "crm" / "0001.md").read_text() == "Other words.\n"


async def test_a_folder_that_cannot_be_loaded_is_explained_in_lines(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"nothing was loaded:\n  .*nowhere: is no folder"):
        await import_history(tmp_path / "nowhere")


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    await import_history(SAMPLES)
    (tmp_path / "file").write_text("")
    with pytest.raises(Stop, match="file"):
        await export_history(tmp_path / "file")
