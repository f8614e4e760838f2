"""The words of replies that object, in English, German and Spanish: lower case, without accents, `ß` as `ss`.

A word that is in none of the lists is other matter, and a person reads the letter. So what is left out is as much on
purpose as what is in: `if`, `only`, `why`, `withdraw`, `yet`, and whatever narrows, asks or takes back.
"""

import re
from dataclasses import dataclass
from re import Pattern


@dataclass(frozen=True, slots=True)
class Language:
    """How an objection is said in it.

    `words`: all that may stand in a clause. `negations`: those that count as one; other ones are in no list.
    `speaks`: a clause that matches speaks of objecting, and has to match `objects`, once and without a negation.
    `agreeing`: one that matches speaks of agreeing, and has to match `refuses`, with exactly one negation and none of
    `totals`, since "not to all" may be to some.
    """

    words: frozenset[str]
    negations: frozenset[str]
    totals: frozenset[str]
    speaks: Pattern[str]
    objects: Pattern[str]
    agreeing: Pattern[str]
    refuses: Pattern[str]


def words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_ENGLISH_WHO = (
    r"^(?:(?:hi|hello|dear|no|yes|so|hereby|herewith|therefore|please note|as (?:a|your) (?:member|customer|user)"
    r"|that|i (?:hereby )?(?:declare|state|confirm)|this is to (?:say|inform you)|to be clear) )*(?:that )?"
)
_ENGLISH_HOW = (
    r"(?:(?:hereby|herewith|formally|expressly|strongly|firmly|completely|totally|entirely|do|also|therefore"
    r"|wish to|want to|would like to|am writing to|have to|must) )*"
)
ENGLISH = Language(
    words=words(
        """
        i we my our me us you your yours it them this that these those the a an any all of to with in by from on for as
        is
        are am was been be i'm we're do have has had would like want wish will can must writing write
        hereby herewith formally formal expressly strongly firmly also therefore clearly clear so please
        object objecting objection objections oppose opposed reject refuse decline disagree
        agree agreed accept accepted consent approve approval agreement ok okay
        note record register file accept take raise lodge submit make enter declare state confirm say inform
        change changes changed amendment amendments modification modifications update updates updated revision
        new proposed planned announced latest current version versions text policy policies privacy terms notice
        statement declaration conditions rules whole entire entirely completely totally way
        member customer user regarding concerning about
        hello hi dear sir madam sirs team everybody all yes thanks thank regards greetings which have made sent
        """
    ),
    negations=words("not no don't dont cannot can't won't didn't doesn't haven't"),
    totals=words("all whole entire entirely completely totally everybody"),
    speaks=re.compile(r"\b(?:object\w*|oppos\w*|reject\w*|refus\w*|declin\w*|disagree\w*)\b"),
    objects=re.compile(
        _ENGLISH_WHO + r"(?:"
        r"(?:i|we) " + _ENGLISH_HOW + r"(?:object|oppose|reject|refuse|decline|disagree)\b"
        r"|(?:i am|i'm|we are|we're) (?:\w+ )?(?:objecting|opposed)\b"
        r"|(?:i|we) " + _ENGLISH_HOW + r"(?:file|raise|lodge|submit|make|declare|state|enter) (?:\w+ ){0,2}objection\b"
        r"|please (?:accept|note|record|register|file|enter|take note of) (?:\w+ ){0,3}objection\b"
        r"|(?:this|it) is (?:my|our|a|an) (?:\w+ )?objection\b"
        r"|(?:(?:my|our) )?(?:formal )?objection(?: (?:to|against)\b.*)?$"
        r"|object(?: to\b.*)?$"
        r")"
    ),
    agreeing=re.compile(r"\b(?:agree\w*|accept\w*|consent\w*|approv\w*|ok|okay|want\w*|wish\w*|like)\b"),
    refuses=re.compile(
        _ENGLISH_WHO + r"(?:"
        r"(?:i|we) (?:\w+ )?(?:(?:do|will|can) not|don't|dont|cannot|can't|won't) (?:\w+ )?"
        r"(?:agree|accept|consent|approve)\b"
        r"|(?:i|we) (?:do not|don't|dont) want (?:(?:to accept|to agree to|the|these|those|this|any|your|new) )+"
        r"(?:changes?|amendments?|modifications?|version|update|policy|terms)$"
        r"|(?:(?:i am|i'm|we are|we're) )?not (?:\w+ )?(?:agreed|accepted|ok|okay|in agreement)\b"
        r"|no (?:consent|approval|agreement)\b"
        r")"
    ),
)

# A verb in the first place asks, and `sie` says what others do.
_GERMAN_STATES = (
    r"^(?!(?:kann|konnen|bin|sind|stimmen?|will|wollen|mochten?|widerspreche|widersprechen|lehnen?|akzeptieren?|habe"
    r"|lege|legen|erhebe|erheben|mache|machen) (?:ich|wir|sie)\b)"
    r"(?!.*\bsie (?:sind|haben|stimmen|akzeptieren|wollen|mochten|lehnen|legen|erheben|widersprechen|konnen)\b)"
)
GERMAN = Language(
    words=words(
        """
        ich wir mein meine meinen meinem meiner unser unsere unseren unserem sie ihr ihre ihrer ihren ihrem ihnen mich
        mir uns euch eure eurer euren der die das den dem des dieser diese diesen dieses diesem ein eine einen einem
        einer es und zu zur zum mit in im an am auf von vom gegen aus uber bezuglich betreffend betrifft hinsichtlich
        hiermit hierdurch damit daher deshalb somit ausdrucklich formlich fristgerecht form fristgemass
        vorsorglich ganz komplett vollstandig insgesamt allen alle aller samtlichen samtliche jeder jede jeglicher
        bin sind ist habe haben hat wurde wurden wird mochte mochten will wollen kann konnen
        widerspreche wiederspreche widersprechen wiedersprechen widerspruch wiederspruch einspruch widerspruchsrecht
        lehne lehnen ab ablehnung lege legen ein einlegen erhebe erheben erklare erklaren mache machen gebrauch
        dagegen einverstanden akzeptiere akzeptieren zustimme zustimmen stimme stimmen zustimmung willige einwilligung
        einwilligen erteile gebe anderung anderungen aenderung aenderungen geanderten geanderte neue neuen neuer neues
        angekundigten angekundigte angekundigt geplanten geplante vorgeschlagenen vorgeschlagene
        mitgeteilten mitgeteilte fassung version anpassung anpassungen aktualisierung aktualisierten
        datenschutzerklarung datenschutzerklaerung datenschutzrichtlinie datenschutzbestimmungen datenschutzhinweise
        datenschutzhinweisen richtlinie richtlinien bedingungen nutzungsbedingungen geschaftsbedingungen agb
        vertragsbedingungen bestimmungen erklarung text mitglied kunde kundin nutzer nutzerin
        schreiben bitte vermerken erfassen zur kenntnis nehmen
        hallo guten tag sehr geehrte geehrter damen herren team liebes liebe ja danke vielen dank
        """
    ),
    negations=words("nicht nein kein keine keinen keinem keiner keines"),
    totals=words("alle allen aller ganz komplett vollstandig insgesamt samtliche samtlichen jede jeder"),
    speaks=re.compile(r"\b(?:wie?derspr[eu]ch\w*|einspruch|lehnen?|ablehnung|dagegen)\b"),
    objects=re.compile(
        _GERMAN_STATES + r"(?!.*\b(?:kann|konnen)\b)(?:"
        r".*\b(?:ich|hiermit)\b.*\bwie?derspreche\b|.*\bwie?derspreche (?:ich|hiermit)\b|wie?derspreche\b"
        r"|wir\b.*\bwidersprechen\b|.+\b(?:widersprechen|lehnen) wir\b"
        r"|.*\b(?:mochte|mochten|will|wollen)\b.*\bwidersprechen\b"
        r"|.*\b(?:mochte|mochten|will|wollen)\b.*\b(?:wie?derspruch|einspruch)\b.*\b(?:einlegen|erheben|erklaren)\b"
        r"|.*\b(?:lege|legen|erhebe|erheben|erklare|erklaren)\b.*\b(?:wie?derspruch|einspruch)\b"
        r"|.*\b(?:mache|machen)\b.*\bwiderspruchsrecht\b.*\bgebrauch\b"
        r"|.*\bbitte\b.*\b(?:meinen|unseren) (?:wie?derspruch|einspruch)\b"
        r"|(?:(?:das|dies|es) ist )?(?:(?:hiermit|mein|unser) )*(?:wie?derspruch|einspruch)"
        r"(?: (?:gegen|zu|zur|zum)\b.*)?$"
        r"|.*\blehnen? (?:ich|wir)\b.*\bab\b|(?:.*\b(?:ich|wir) )?(?:\w+ )?lehnen?\b.*\bab\b"
        r"|(?:.*\b(?:ich bin|wir sind|bin ich|sind wir)\b.*|bin )?\bdagegen$"
        r")"
    ),
    agreeing=re.compile(
        r"\b(?:einverstanden|akzeptieren?|zustimmen?|stimmen?|zustimmung|willige|einwillig\w+|mochten?|will|wollen)\b"
    ),
    refuses=re.compile(
        _GERMAN_STATES + r".*?(?:"
        r"\beinverstanden\b|\bakzeptieren?\b|\bzustimmen?\b|\bstimmen?\b.*\bzu\b|\bwillige\b.*\bein\b"
        r"|\b(?:erteile|gebe)\b.*\b(?:zustimmung|einwilligung)\b|\bkeine (?:zustimmung|einwilligung)\b"
        r"|\b(?:mochten?|will|wollen) (?:\w+ ){1,3}(?:ae?nderung(?:en)?|fassung|version)(?: nicht)?$)"
    ),
)

_SPANISH_WHO = r"^(?:(?:hola|yo|nosotros|por la presente|por este medio|por tanto|asi pues|que) )*"
SPANISH = Language(
    words=words(
        """
        yo nosotros me nos mi mis nuestra nuestro nuestras nuestros su sus le les usted ustedes vuestra vuestro vuestros
        vuestras el la los las lo un una unos unas este esta esto estos estas ese esa esos esas todo toda todos todas
        de del a al en con por para que se es son y e ante contra respecto sobre mediante como ha han he hemos sido
        presente medio expresamente formalmente rotundamente totalmente completamente
        opongo oponemos oponerme oponernos oposicion objecion objeciones objeto objetamos objetar rechazo rechazamos
        rechazar desacuerdo presento presentamos formulo formulamos manifiesto manifestamos expreso expresamos ejerzo
        interpongo comunico declaro formal expresa derecho quiero queremos deseo deseamos quisiera
        acepto aceptamos aceptar acuerdo conforme conformes consiento consentimos apruebo aprobamos autorizo
        autorizamos consentimiento autorizacion doy damos estoy estamos puedo podemos
        cambio cambios modificacion modificaciones actualizacion actualizaciones nueva nuevo nuevas nuevos version
        versiones texto politica politicas privacidad condiciones terminos aviso normas anunciados anunciadas
        propuestos propuestas comunicados comunicadas realizados realizadas
        miembro cliente clienta usuario usuaria hola buenos buenas dias tardes noches estimado estimada
        estimados estimadas senor senora senores equipo gracias muchas
        """
    ),
    negations=words("no"),
    totals=words("todo toda todos todas totalmente completamente"),
    speaks=re.compile(r"\b(?:op(?:ongo|on\w+|osicion)|objec\w+|objet\w+|rechaz\w+|en contra|desacuerdo)\b"),
    objects=re.compile(
        _SPANISH_WHO + r"(?:"
        r"(?:(?:expresamente|formalmente|rotundamente|totalmente) )?"
        r"(?:me opongo|nos oponemos|rechazo|rechazamos|objeto|objetamos)\b"
        r"|(?:estoy|estamos) (?:\w+ )?en (?:contra|desacuerdo)\b"
        r"|(?:quiero|queremos|deseo|deseamos|quisiera) (?:oponerme|oponernos|rechazar|objetar)\b"
        r"|(?:presento|presentamos|formulo|formulamos|manifiesto|manifestamos|expreso|expresamos|interpongo|comunico"
        r"|declaro) (?:\w+ ){0,3}(?:oposicion|objecion|rechazo)\b"
        r"|ejerzo mi derecho de oposicion\b"
        r"|(?:mi |nuestra )?(?:oposicion|objecion)(?: (?:a|al|contra)\b.*)?$"
        r")"
    ),
    agreeing=re.compile(
        r"\b(?:acept\w+|acuerdo|conformes?|consiento|consentimos|consentimiento|aprueb\w+|aprobamos|autoriz\w+|quier\w+"
        r"|queremos|dese\w+)\b"
    ),
    refuses=re.compile(
        r"^(?:(?:hola|yo|nosotros|por la presente|por tanto|que) )*no "
        r"(?:(?:acepto|aceptamos|consiento|consentimos|apruebo|aprobamos|autorizo|autorizamos)\b"
        r"|(?:puedo|podemos) aceptar\b"
        r"|(?:estoy|estamos) (?:\w+ )?(?:de acuerdo|conformes?)\b"
        r"|(?:doy|damos) (?:mi|nuestro|nuestra) (?:consentimiento|autorizacion|acuerdo)\b"
        r"|(?:quiero|queremos|deseo|deseamos) (?:\w+ ){0,2}(?:cambios?|modificaci\w+|version)$)"
    ),
)

LANGUAGES = (ENGLISH, GERMAN, SPANISH)
