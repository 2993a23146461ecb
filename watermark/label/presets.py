"""How a parody shows that it is one. There is no preset that shows nothing.

The EU code of practice on marking AI content (10 June 2026) asks for an icon in which
"AI" dominates, with words beside it, suggested at the top right and from the first
exposure on; evidently satirical work may disclose in a way that does not spoil it
(AI Act, article 50(4)), which softens how, never whether.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

LAYOUT = 1
"""Number of the drawing below; a change that moves a pixel gets a new number."""

POSITION = "top-right"


class LabelPreset(StrEnum):
    """The two ways of showing the label."""

    EU_FULL = "eu-full"
    """AI MODIFIED and PARODY at the top right of every frame."""

    EU_ARTISTIC = "eu-artistic"
    """Opening card, end credit, and a small tag at the top right of every frame."""


class Language(StrEnum):
    """Languages the label speaks; the icon is "AI" in each, as in the EU's set."""

    ENGLISH = "en"
    GERMAN = "de"
    FRENCH = "fr"
    SPANISH = "es"
    ITALIAN = "it"


@dataclass(frozen=True, slots=True)
class Words:
    """What is written: ``icon`` large, ``modified`` and ``parody`` beside it."""

    icon: str
    modified: str
    parody: str
    explained: str


WORDS = {
    Language.ENGLISH: Words(
        "AI",
        "MODIFIED",
        "PARODY",
        "A face in this clip was replaced, with the consent of both performers.",
    ),
    Language.GERMAN: Words(
        "AI",
        "VERÄNDERT",
        "PARODIE",
        "Ein Gesicht wurde ersetzt; beide Beteiligten haben zugestimmt.",
    ),
    Language.FRENCH: Words(
        "AI",
        "MODIFIÉ",
        "PARODIE",
        "Un visage a été remplacé, avec l'accord des deux interprètes.",
    ),
    Language.SPANISH: Words(
        "AI",
        "MODIFICADO",
        "PARODIA",
        "Se ha sustituido un rostro con el consentimiento de ambos intérpretes.",
    ),
    Language.ITALIAN: Words(
        "AI",
        "MODIFICATO",
        "PARODIA",
        "Un volto è stato sostituito con il consenso di entrambi gli interpreti.",
    ),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes as shares of the frame's shorter side, so that scaling keeps them.

    ``text`` is the font's size; a capital letter is 0.73 of it: 11 pixels at 360p
    for the full label, 9 for the tag. ``lines`` is how many rows of words there are.
    """

    text: float
    icon: float
    lines: int


LAYOUTS = {
    LabelPreset.EU_FULL: Layout(text=0.043, icon=0.079, lines=2),
    LabelPreset.EU_ARTISTIC: Layout(text=0.036, icon=0.045, lines=1),
}

LEAST_TEXT_PIXELS = 10.0
"""Below this a bold capital is no longer read, so small clips get larger shares."""

MARGIN = 0.04
"""From the frame's edges, share of each side: inside the graphics-safe area
(EBU R 95: 5 % in all, we keep 4 % on each side)."""

PORTRAIT_TOP_MARGIN = 0.08
"""Phone players lay their own controls over the top of an upright clip."""

CARD_SECONDS = Fraction(5, 2)
"""Opening card and end credit, each; a quarter of a clip at most."""

FADE_SECONDS = Fraction(2, 5)


def card_seconds(seconds: Fraction) -> Fraction:
    """Return how long each card of a clip of ``seconds`` stays.

    >>> card_seconds(Fraction(60)), card_seconds(Fraction(4))
    (Fraction(5, 2), Fraction(1, 1))
    """
    return min(CARD_SECONDS, seconds / 4)


def label_text(language: Language) -> str:
    """Return the label's words in one line.

    >>> label_text(Language.ENGLISH)
    'AI MODIFIED - PARODY'
    """
    words = WORDS[language]
    return f"{words.icon} {words.modified} - {words.parody}"
