"""`manage.py simulate FILE…`: the answers of scenario files, by the very rules that the portal uses."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from portal.rules.scenario import play
from portal.rules.scenario_answer import as_json
from portal.rules.scenario_file import read

LONGEST_NUMBER = 1_000


def simulate(*files: Annotated[Path, Parameter(help="JSON files, each with one scenario; see docs/rules.md")]) -> int:
    """Print a line of JSON for each file that can be answered, and name on stderr what is wrong with the others.

    The status is 0 where every file was answered, else 2.
    """
    if not files:
        print("simulate: name one scenario file or more", file=sys.stderr)
    answered = [_answer(file) for file in files]
    return 0 if answered and all(answered) else 2


def _answer(file: Path) -> bool:
    try:
        scenario = read(_parsed(file.read_bytes()))
    except OSError as error:
        return _refuse(file, error.strerror or str(error))
    except RecursionError:
        return _refuse(file, "nested too deeply")
    except ValueError as error:  # no text, no JSON (with its position), or Malformed (with its place)
        return _refuse(file, str(error))
    print(json.dumps(as_json(play(scenario))))
    return True


def _refuse(file: Path, why: str) -> bool:
    print(f"{file}: {why}", file=sys.stderr)
    return False


def _parsed(written: bytes) -> object:
    return json.loads(written, object_pairs_hook=_an_object, parse_int=_a_number)


def _an_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """JSON leaves open which of two equal keys counts; an answer that may be read in court does not."""
    found = dict(pairs)
    if len(found) < len(pairs):
        [(twin, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {json.dumps(twin[:80])} stands twice in one object")
    return found


def _a_number(digits: str) -> int | float:
    """Python refuses to convert thousands of digits, without a place; as a float they are refused where they stand."""
    return int(digits) if len(digits) <= LONGEST_NUMBER else float(digits)
