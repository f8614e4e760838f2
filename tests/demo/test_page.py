"""The story's reader of pages does what a browser without scripts would do."""

import pytest

from portal.demo.page import NotOnThePage, Page

HTML = """
<html><head><title>Not read</title></head><body>
<h1>Two   <em>forms</em></h1>
<a href="/n/1"><span>Receipt</span> 7</a>
<form method="get" action="/search"><input name="q" value="old"><button>Find</button></form>
<form method="post" action="/drafts/1" enctype="multipart/form-data">
  <input type="hidden" name="shown" value="a"><input type="hidden" name="shown" value="b">
  <textarea name="text">
first line &amp; more</textarea>
  <input type="checkbox" name="purpose" value="marketing" checked><input type="checkbox" name="purpose" value="service">
  <select name="language"><option value="en">English</option><option value="de" selected>German</option></select>
  <input type="file" name="file">
  <button name="act" value="save"><span>Save</span> it</button><button formaction="/drafts/1/drop">Drop</button>
</form></body></html>
"""
PAGE = Page("/page", 200, HTML)


def test_words_are_read_in_one_line_and_the_title_is_not_among_them() -> None:
    assert PAGE.heading == "Two forms"
    assert PAGE.words.startswith("Two forms Receipt 7 Find")


def test_a_link_is_found_by_its_words() -> None:
    assert PAGE.link("Receipt") == "/n/1"
    with pytest.raises(NotOnThePage, match="no link 'Elsewhere'"):
        PAGE.link("Elsewhere")


def test_a_form_sends_what_stands_in_it_and_the_button_that_was_pressed() -> None:
    form, button = PAGE.form("Save")
    assert form.multipart
    assert form.filled({}, button) == [
        ("shown", "a"),
        ("shown", "b"),
        ("text", "first line & more"),
        ("purpose", "marketing"),
        ("language", "de"),
        ("act", "save"),
    ]


def test_a_form_sends_what_was_filled_in() -> None:
    form, button = PAGE.form("Save")
    sent = form.filled({"text": "new", "purpose": ["service"]}, button)
    assert ("text", "new") in sent
    assert [value for name, value in sent if name == "purpose"] == ["service"]


def test_a_button_may_lead_elsewhere() -> None:
    _, button = PAGE.form("Drop")
    assert button.action == "/drafts/1/drop"


@pytest.mark.parametrize("values", [{"title": "x"}, {"purpose": ["fun"]}, {"language": "fr"}])
def test_what_a_form_does_not_offer_cannot_be_sent(values: dict[str, str | list[str]]) -> None:
    form, button = PAGE.form("Save")
    with pytest.raises(NotOnThePage):
        form.filled(values, button)
