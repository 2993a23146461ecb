"""What a file declares, in plain words for people and as JSON for machines."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from lampoon.watermark.manifest.reading import (
    AssertionReading,
    IngredientReading,
    ManifestFacts,
    ManifestReading,
    ReadingKind,
    SignatureFacts,
    ValidationState,
)

LONGEST = 160
"""Text out of a file is cut here; nobody needs a stranger's novel."""

NOT_FOUND = {
    ReadingKind.ABSENT: "It says nothing about itself: there is no C2PA manifest. "
    "That alone means nothing; most files have none.",
    ReadingKind.REMOTE: "Its manifest is kept elsewhere. It was not fetched.",
    ReadingKind.MALFORMED: "Its manifest, or the file itself, cannot be read.",
    ReadingKind.UNSUPPORTED: "Files of this kind carry no C2PA manifest.",
}

MEANINGS = {
    "assertion.bmffHash.mismatch": "sound or picture were changed after signing",
    "assertion.dataHash.mismatch": "the content was changed after signing",
    "assertion.hashedURI.mismatch": "the manifest was changed after signing",
    "assertion.cbor.invalid": "the manifest is damaged",
    "claimSignature.mismatch": "the signature is not by the key it names",
    "signingCredential.untrusted": "nobody on your trust list vouches for the signer",
    "signingCredential.expired": "the signer's certificate has ended",
    "signingCredential.invalid": "the signer's certificate is not made for signing",
    "signingCredential.ocsp.revoked": "the signer's certificate was withdrawn",
}

SOURCE_TYPES = {
    "compositeWithTrainedAlgorithmicMedia": "real footage with parts made by a "
    "trained model",
    "compositeSynthetic": "a composite with synthetic parts",
    "trainedAlgorithmicMedia": "wholly made by a trained model",
    "algorithmicMedia": "wholly drawn by an algorithm, from no footage",
    "digitalCapture": "captured by a camera",
}


def plain_lines(reading: ManifestReading) -> Iterator[str]:
    """Yield what ``reading`` says, a line each; never that a clip is genuine."""
    if reading.active is None:
        yield NOT_FOUND[reading.kind]
        if reading.detail and reading.kind is not ReadingKind.ABSENT:
            yield f"  {clean(reading.detail)}"
        return
    yield f"Title: {clean(reading.active.title) or 'none'}"
    yield _signer_line(reading)
    yield from _state_lines(reading)
    yield _parody_line(reading)
    yield from _consent_lines(reading.consent)
    yield from _source_lines(reading.active)
    for ingredient in reading.history:
        yield _ingredient_line(ingredient)


def reading_json(reading: ManifestReading) -> dict[str, Any]:
    """Return the reading as JSON values, with the plain lines beside them.

    The poster is left out; ``thumbnail_bytes`` says how large it is.
    """
    facts = asdict(reading)
    facts["thumbnail_bytes"] = len(facts.pop("thumbnail"))
    return facts | {
        "manifest": reading.urn,
        "unknown_signer": reading.unknown_signer,
        "broken_history": [each.title for each in reading.broken_ingredients],
        "lines": list(plain_lines(reading)),
    }


def clean(text: object) -> str:
    r"""Return a stranger's text fit for a terminal: one line, printable, not long.

    >>> clean("a\x1b[31m b" + chr(10) + "c")
    'a [31m b c'
    """
    printable = "".join(c if c.isprintable() else " " for c in str(text))
    line = " ".join(printable.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _signer_line(reading: ManifestReading) -> str:
    who = _signer(reading.signature)
    if reading.vouched:
        return f"Signed by {who}; {clean(reading.trust_list_uri)} vouches for them."
    if reading.state is ValidationState.TRUSTED:
        uri = clean(reading.trust_list_uri)
        return f"Signed by {who}; {uri} is no list of signers, so this counts nothing."
    return f"Signed by {who}; nobody you trust vouches for them."


def _signer(signature: SignatureFacts | None) -> str:
    if signature is None:
        return "nobody"
    name = clean(signature.common_name or signature.issuer) or "somebody without a name"
    when = f", {clean(signature.time)}" if signature.time else ", time unproven"
    return f"“{name}”{when}"


def _state_lines(reading: ManifestReading) -> Iterator[str]:
    if reading.state is not ValidationState.INVALID:
        yield "Unchanged since it was signed."
        return
    yield "NOT as it was signed:"
    for code in reading.failures:
        yield f"  {MEANINGS.get(code, 'a check failed')} ({clean(code)})"


def _parody_line(reading: ManifestReading) -> str:
    parody = reading.parody
    if parody is None:
        return "It does not declare itself a parody."
    data = parody.data if isinstance(parody.data, dict) else {}
    said = clean(data.get("label_text", "")) or "no words"
    if reading.state is ValidationState.INVALID:
        return f"It says “parody” (“{said}”), but it is not as it was signed."
    if parody.created:
        return f"Declared by its signer: PARODY, labelled “{said}”."
    return f"Says “parody” (“{said}”), but not as its signer's own word."


def _consent_lines(consent: AssertionReading | None) -> Iterator[str]:
    data = consent.data if consent and isinstance(consent.data, dict) else {}
    records = data.get("records")
    for record in records if isinstance(records, list) else []:
        if isinstance(record, dict):
            role = clean(record.get("role", "somebody")).replace("_", " ")
            until = clean(record.get("expires", "an unknown day"))
            yield f"Consent declared: {role}, until {until}."


def _source_lines(active: ManifestFacts) -> Iterator[str]:
    for url in active.digital_source_types:
        term = clean(url).rsplit("/", 1)[-1]
        yield f"What it is made of: {SOURCE_TYPES.get(term, term)}."


def _ingredient_line(ingredient: IngredientReading) -> str:
    uses = {
        "parentOf": "Edited from",
        "componentOf": "Contains",
        "inputTo": "Made with",
    }
    use = uses.get(ingredient.relationship, "Refers to")
    title = clean(ingredient.title) or "something unnamed"
    start = f"{'  ' * min(ingredient.depth, 8)}{use} “{title}”"
    if ingredient.manifest is None:
        return f"{start}, which came without a manifest"
    signer = _signer(ingredient.signature)
    if ingredient.failures:
        return f"{start} by {signer}: BROKEN ({', '.join(ingredient.failures)})"
    return f"{start} by {signer}"
