"""What stands around an objection in any letter: greetings, closing words, words that ask or narrow; and the sign that
somebody speaks of objecting. In lower case, without accents."""

import re

from portal.mail.returned.objecting_words import words

# What is one word here, so that its parts are not: "data" and "use" alone are about something else.
TOGETHER = (
    (re.compile(r"\bterms (?:and conditions|of (?:use|service))\b"), "terms"),
    (re.compile(r"\bdata (?:protection|privacy) "), "privacy "),
    (re.compile(r"\bpolitica de (?:privacidad|proteccion de datos)\b"), "politica"),
    (re.compile(r"\b(?:condiciones|terminos) (?:de uso|del servicio|generales)\b"), "condiciones"),
    (re.compile(r"\bterminos y condiciones\b"), "condiciones"),
)

MENTIONS = re.compile(
    r"\bobject(?:s|ed|ing|ions?)?\b|\bdisagree|\boppos(?:e|ed|ing|ition)\b|\breject|\brefus"
    r"|\bnot (?:\w+ )?(?:agree|accept|consent)|\b(?:don't|dont|cannot|can't|won't) (?:\w+ )?(?:agree|accept|consent)"
    r"|\bwie?derspr[eiuao]ch|\beinspruch|\bablehn|\blehne\b|\bdagegen\b"
    r"|\bnicht (?:\w+ )?(?:einverstanden|zu\b|akzeptier|zustimm)"
    r"|\bopongo|\boponer|\boponemos|\boposicion|\bobjecion|\brechaz|\bdesacuerdo"
    r"|\bno (?:acept|estoy (?:\w+ )?(?:de acuerdo|conforme)|consient|autoriz)"
)
"""Whoever writes so may object: ops is told."""

GREETING = re.compile(
    r"(?:dear|hi|hello|hey|good (?:morning|day|afternoon|evening)|to whom it may concern|guten (?:tag|morgen|abend)"
    r"|hallo|sehr geehrte[rs]?|liebe[rs]?|moin|servus|gruss gott|hola|buenos dias|buenas (?:tardes|noches)"
    r"|estimad[oa]s?)(?: [\w.&'-]+){0,6} ?(?:[,.!:]|-|$)"
)
CLOSING = re.compile(
    r"(?:(?:with )?(?:kind|best|warm|many)? ?(?:regards|greetings)|best wishes|best|cheers|thanks|thank you"
    r"|(?:many|kind) thanks|thanks in advance|(?:yours )?(?:sincerely|faithfully|truly)(?: yours)?|yours"
    r"|(?:mit )?(?:(?:freundlich|best|viel|lieb|schon)en? )?gruss(?:en?)?(?: aus \w+)?"
    r"|mfg|lg|vg|hochachtungsvoll|danke|vielen dank|besten dank"
    r"|(?:(?:un|con un|reciban un) )?(?:cordial )?saludos?(?: cordial(?:es)?)?|atentamente|gracias|muchas gracias)"
    r"(?: ?[,.!-]+)?(?: [\w.' -]{1,60})?"
)
TAKES_MORE = re.compile(r"\b(?:ps|p\.s|nb|but|aber|pero|if|wenn|falls|only|nur|solo|withdraw|however|jedoch)\b")
"""What must not stand below the closing words: there only names do."""

ASKS = words(
    """
    how what when where why who which if whether question questions may might could should unless until only except
    wie was wann wo warum wer ob wenn falls frage fragen darf konnte sollte nur ausser bis sofern
    como que cuando donde porque quien cual si pregunta preguntas puede podria solo salvo hasta
    """
)
"""Words that mean something whoever is called so."""
