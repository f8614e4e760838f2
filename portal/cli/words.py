"""`manage.py words`: the catalogues of every language, kept in step with the words of the source."""

import json
from pathlib import Path
from typing import Annotated

from babel.messages.catalog import Catalog
from cyclopts import Parameter

from portal.cli import Stop, catalogues
from portal.cli.catalogues import Given, Words


def words(
    *,
    check: Annotated[bool, Parameter(help="Change nothing; name what is wrong, status 1.", negative="")] = False,
    missing: Annotated[str, Parameter(help="Print what this language lacks, as JSON to fill in; change nothing.")] = "",
    fill: Annotated[
        tuple[str, Path] | None, Parameter(help="A language and a JSON file: English to its translation.")
    ] = None,
) -> int:
    """Bring the catalogues into step with the source, and say what is not translated."""
    if not (catalogues.ROOT / "templates").is_dir():
        raise Stop("the source is not part of an installed portal; run this in a checkout of the project")
    source = catalogues.source_words()
    if check:
        return _check(source)
    if missing:
        print(json.dumps(_to_fill(_renewed(_known(missing), source, {})), ensure_ascii=False, indent=1))
        return 0
    given = {fill[0]: _fitting(source, fill[0], _read(fill[1]))} if fill else {}
    for language in sorted({*catalogues.languages(), *given}):
        _renew(language, source, given.get(language, {}))
    return 0


def _check(source: Words) -> int:
    found = [(language, fault) for language in catalogues.languages() for fault in catalogues.faults(language, source)]
    for language, fault in found:
        print(f"{language}: {fault}")
    if not found:
        print(f"{len(source)} messages, whole in {', '.join(catalogues.languages())}")
    return int(bool(found))


def _renew(language: str, source: Words, given: Given) -> None:
    before = len(catalogues.catalogue(language)) if language in catalogues.languages() else 0
    made = _renewed(language, source, given)
    catalogues.write(language, made)
    lacking = catalogues.missing(made)
    print(f"{language}: {len(made) - len(lacking)} of {len(made)} messages are translated; there were {before}")
    for message in lacking:
        print(f"  not translated: {message.id if isinstance(message.id, str) else ' | '.join(message.id)}")


def _renewed(language: str, source: Words, given: Given) -> Words:
    known: Catalog | None = catalogues.catalogue(language) if language in catalogues.languages() else None
    return catalogues.renewed(language, source, known, given)


def _to_fill(made: Words) -> dict[str, str | list[str]]:
    """English -> "", or a list with a place for each form that the language has for numbers of things."""
    return {
        (message.id if isinstance(message.id, str) else message.id[0]): (
            "" if isinstance(message.id, str) else [""] * made.num_plurals
        )
        for message in catalogues.missing(made)
    }


def _known(language: str) -> str:
    if language not in catalogues.languages():
        raise Stop(f"there is no catalogue of {language!r}; there are: {', '.join(catalogues.languages())}", status=2)
    return language


def _read(file: Path) -> Given:
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise Stop(f"{file}: {wrong}", status=2) from None
    if not isinstance(given, dict) or not all(_is_sentence(value) for value in given.values()):
        raise Stop(f"{file}: an object is wanted, English to its translation or to a list of forms", status=2)
    return {english: said for english, said in given.items() if said and (isinstance(said, str) or any(said))}


def _is_sentence(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _fitting(source: Words, language: str, given: Given) -> Given:
    """What has a place in the catalogue; what has none is named, lest it be lost without a word."""
    forms = Words(language).num_plurals
    wanted = {
        (message.id if isinstance(message.id, str) else message.id[0]): 0 if isinstance(message.id, str) else forms
        for message in source
        if message.id
    }
    fitting = {}
    for english, said in given.items():
        if english not in wanted:
            print(f"left out, as it is nowhere in the source: {english}")
        elif wanted[english] != (len(said) if isinstance(said, list) else 0):
            print(f"left out, as {wanted[english] or 'one'} forms are wanted: {english}")
        else:
            fitting[english] = said
    return fitting
