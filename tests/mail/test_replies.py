"""What a reply says about objecting: by words in three languages, and by what is the writer's own in it."""

import random
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.mail.returned import Says
from portal.mail.returned.objecting_words import LANGUAGES
from tests.support.came_back import plain
from tests.support.replies import MARIA, NOTICE, PROGRAMS, Program, bare, gmail, said, thunderbird
from tests.support.said_by_mail import NO_OBJECTIONS, OBJECTIONS, SILENT


@pytest.mark.parametrize("words", OBJECTIONS)
def test_it_objects(words: str) -> None:
    assert said(gmail(words)) is Says.OBJECTION


@pytest.mark.parametrize("words", NO_OBJECTIONS)
def test_a_person_has_to_read_it(words: str) -> None:
    assert said(gmail(words)) in (Says.UNCLEAR, Says.OTHER)


@pytest.mark.parametrize("words", SILENT)
def test_it_does_not_speak_of_objecting(words: str) -> None:
    assert said(gmail(words)) is Says.OTHER


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_only_the_writers_own_words_count_whatever_program_wrote_them(program: Program) -> None:
    assert said(program("I object.", NOTICE)) is Says.OBJECTION
    assert said(program("Ich widerspreche den Änderungen.\n\nViele Grüße\nMaria", NOTICE)) is Says.OBJECTION
    assert said(program("Me opongo.", NOTICE)) is Says.OBJECTION
    assert said(program("Please send me the text.", NOTICE)) is Says.OTHER
    assert said(program("I do not object.", NOTICE)) is Says.UNCLEAR


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_without_words_of_its_own_it_says_nothing(program: Program) -> None:
    assert said(program("", NOTICE)) is Says.OTHER


def test_a_mail_quoted_without_any_mark_is_for_a_person() -> None:
    assert said(bare(f"I object.\n\n{NOTICE.text}")) is Says.UNCLEAR


def test_answers_between_the_quoted_lines_are_for_a_person() -> None:
    assert said(bare("I object.\n\n> Your data is safe.\n\nI object.")) is Says.UNCLEAR
    assert said(bare("> May we?\n\nI object.")) is Says.OBJECTION


def _message(words: str, subject: str = "Re: Privacy policy: what changes") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = MARIA, NOTICE.sender, subject
    message.set_content(words)
    return message


def test_what_is_attached_is_for_a_person_but_for_pictures_and_signatures() -> None:
    letter = _message("I object.")
    letter.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="letter.pdf")
    assert said(letter.as_bytes()) is Says.UNCLEAR
    for maintype, subtype in (("image", "png"), ("application", "pkcs7-signature")):
        signed = _message("I object.")
        signed.add_attachment(b"x", maintype=maintype, subtype=subtype, filename="part")
        assert said(signed.as_bytes()) is Says.OBJECTION
    forwarded = _message("I object.")
    forwarded.add_attachment(_message("I do not object."))
    assert said(forwarded.as_bytes()) is Says.UNCLEAR


@pytest.mark.parametrize(
    ("subject", "words", "says"),
    [
        ("Objection", "", Says.OBJECTION),
        ("Widerspruch", "Hiermit widerspreche ich.", Says.OBJECTION),
        ("Oposición", "Me opongo.", Says.OBJECTION),
        ("Your mail of Monday", "I object.", Says.OBJECTION),
        ("Re: I object", "", Says.OTHER),
        ("I do not object", "I object.", Says.UNCLEAR),
        ("Question about my objection", "I object.", Says.UNCLEAR),
        ("Re: How to", "How I object.", Says.UNCLEAR),
        ("My invoice", "Where is it?", Says.OTHER),
    ],
)
def test_a_subject_counts_where_it_is_the_writers_own(subject: str, words: str, says: Says) -> None:
    assert said(_message(words, subject).as_bytes()) is says


def test_a_name_is_no_other_matter_and_means_nothing_else() -> None:
    assert said(bare("I object.\nMaria Weber")) is Says.OBJECTION
    message = _message("I\nNot\nobject.\nNot Kidding")
    message.replace_header("From", "Not Kidding <kidding@example.org>")
    assert said(message.as_bytes()) is Says.UNCLEAR
    assert said(bare("I object.\nJust Kidding")) is Says.UNCLEAR


def test_a_long_letter_is_for_a_person() -> None:
    assert said(bare("I object to the changes. " * 40)) is Says.UNCLEAR


def test_a_program_never_objects() -> None:
    for headers in ("Auto-Submitted: auto-replied\n", "Precedence: bulk\n", "X-Autoreply: yes\n"):
        assert said(plain("I object.\n", sender=MARIA, subject="Re: News", headers=headers)) is None


@given(st.binary(max_size=2000), st.sampled_from(list(PROGRAMS.values())))
def test_whatever_is_in_it_it_is_read(content: bytes, program: Program) -> None:
    text = content.decode("utf-8", "replace").replace("\r", "").replace("\x00", "")
    assert said(program(text, NOTICE)) is not None
    assert said(b"From: a@example.org\r\nContent-Type: text/html\r\n\r\n" + content) in (*Says, None)
    assert said(content) in (*Says, None)


KNOWN = sorted(word for language in LANGUAGES for word in language.words)
NEGATIONS = sorted(word for language in LANGUAGES for word in language.negations)


@given(st.lists(st.sampled_from(KNOWN), max_size=12), st.sampled_from(["object", "widerspreche", "opongo"]), st.data())
def test_a_negation_beside_a_word_of_objecting_never_objects(listed: list[str], word: str, data: st.DataObject) -> None:
    kept = [one for one in listed if one not in ("and", "und", "y")]
    words = data.draw(st.permutations([*kept, word, data.draw(st.sampled_from(NEGATIONS))]))
    assert said(bare(" ".join(words))) is not Says.OBJECTION


@given(st.text(alphabet=st.characters(categories=["L"]), min_size=1, max_size=12), st.sampled_from(OBJECTIONS))
def test_a_word_that_nobody_knows_is_for_a_person(word: str, objection: str) -> None:
    known = {*KNOWN, *NEGATIONS, "maria", "weber", "privacy", "policy"}
    if word.casefold() not in known and word.isascii():
        assert said(bare(f"I object to the {word}q changes.")) is Says.UNCLEAR
        assert said(bare(f"{word}q.\n\n{objection}")) is not Says.OBJECTION


def test_hostile_text_takes_no_long_time() -> None:
    """An expression that looks at each place from each other one would not come to an end within the suite's limit."""
    signs = ["On 1 wrote ", "Am 1 schrieb ", "From: a\n", "> ", "-- ", "hi ", "dear a", "not ", "widerspruch mochte "]
    chosen = random.Random(7)
    for sign in signs:
        assert said(bare(sign * 5000)) is not Says.OBJECTION
        assert said(bare((sign * 5000).replace(" ", "\n"))) is not Says.OBJECTION
    mixed = "".join(chosen.choice(signs) for _ in range(20_000))
    assert said(thunderbird(mixed)) is not Says.OBJECTION
