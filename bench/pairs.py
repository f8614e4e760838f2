"""The pairs of texts that a measurement runs on: somebody's own, or the samples with planted edits."""

import json
import random
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.planting import plant
from portal.rules.changes.text import normalised

SAMPLES = Path(__file__).resolve().parents[1] / "policies_history"
PLANTED_TIMES = 4


@dataclass(frozen=True, slots=True)
class Pair:
    """Two canonical texts."""

    id: str
    old: str
    new: str


def pairs_of(path: Path) -> list[Pair]:
    """From lines {"id", "old", "new"} with paths, or from one JSON list of such; paths are relative to the file.

    OSError or ValueError where the file, or one it names, cannot be read as that.
    """
    text = path.read_text(encoding="utf-8")
    entries = (
        json.loads(text) if text.lstrip().startswith("[") else [json.loads(one) for one in text.splitlines() if one]
    )
    return [Pair(entry["id"], *(_text(path.parent / entry[key]) for key in ("old", "new"))) for entry in entries]


def sample_pairs() -> list[Pair]:
    """Neighbouring versions of the sample policies, and each sample against itself with edits planted in it."""
    versions = {folder.name: sorted(folder.glob("[0-9][0-9][0-9][0-9].md")) for folder in sorted(SAMPLES.iterdir())}
    real = [
        Pair(f"{name}:{old.stem}-{new.stem}", _text(old), _text(new))
        for name, files in versions.items()
        for old, new in pairwise(files)
    ]
    planted = [
        Pair(f"{name}:{file.stem}+{seed}", text, planted.text)
        for name, files in versions.items()
        for file in files
        for text in [_text(file)]
        for seed in range(PLANTED_TIMES)
        if (planted := plant(text, random.Random(seed))).edits
    ]
    return [*real, *planted]


def _text(path: Path) -> str:
    return normalised(path.read_bytes().decode("utf-8", "replace"))
