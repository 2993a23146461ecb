"""From the library's JSON to typed facts; no file is touched here.

The JSON repeats what strangers wrote, so every step looks before it takes: a value of
the wrong type counts as missing.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lampoon.watermark.manifest.reading import (
    UNKNOWN_SIGNER,
    AssertionReading,
    Codes,
    IngredientReading,
    ManifestFacts,
    ManifestReading,
    ReadingKind,
    SignatureFacts,
    ValidationState,
)
from lampoon.watermark.manifest.trust import TrustList

MOST_INGREDIENTS = 1000
"""A history longer than this is cut: nobody reads it, and it may be an attack."""

SOURCE_TYPE_KEYS = ("digitalSourceType", "Iptc4xmpExt:DigitalSourceType")

Json = Mapping[str, Any]


def reading_of(
    report: Json, *, kind: ReadingKind, trust: TrustList, remote_url: str | None
) -> ManifestReading:
    """Return the facts in one report of the library, without the thumbnail.

    Raises KeyError or ValueError where the report has no active manifest or no
    state that we know.
    """
    manifests = _mapping(report.get("manifests"))
    urn = _text(report["active_manifest"])
    results = _mapping(report.get("validation_results"))
    state = ValidationState(report["validation_state"])
    uri = _text(results.get("trustListUri")) or None
    return ManifestReading(
        kind=kind,
        remote_url=remote_url,
        state=state,
        codes=_codes(results.get("activeManifest")),
        trust_list_uri=uri,
        vouched=state is ValidationState.TRUSTED and trust.trusts(uri),
        active=_manifest(urn, _mapping(manifests[urn])),
        history=tuple(_history(urn, manifests, _deltas(results))),
    )


def thumbnail_uri(report: Json) -> str | None:
    """Return where the active manifest's thumbnail lies in the store."""
    manifest = _mapping(
        _mapping(report.get("manifests")).get(report["active_manifest"])
    )
    return _text(_mapping(manifest.get("thumbnail")).get("identifier")) or None


def _manifest(urn: str, found: Json) -> ManifestFacts:
    assertions = tuple(_assertions(found))
    version = found.get("claim_version")
    return ManifestFacts(
        urn=urn,
        title=_text(found.get("title")),
        claim_generator=_generator(found),
        claim_version=version if isinstance(version, int) else 1,
        signature=_signature(found),
        assertions=assertions,
        digital_source_types=tuple(dict.fromkeys(_source_types(assertions))),
    )


def _assertions(found: Json) -> Iterator[AssertionReading]:
    for each in _mappings(found.get("assertions")):
        created = each.get("created") is True
        yield AssertionReading(_text(each.get("label")), created, each.get("data"))


def _generator(found: Json) -> str:
    for info in _mappings(found.get("claim_generator_info")):
        return f"{_text(info.get('name'))} {_text(info.get('version'))}".strip()
    return _text(found.get("claim_generator"))


def _signature(found: Json) -> SignatureFacts | None:
    info = _mapping(found.get("signature_info"))
    if not info:
        return None
    return SignatureFacts(
        algorithm=_text(info.get("alg")),
        issuer=_text(info.get("issuer")),
        common_name=_text(info.get("common_name")),
        serial=_text(info.get("cert_serial_number")),
        time=_text(info.get("time")),
    )


def _source_types(assertions: Iterable[AssertionReading]) -> Iterator[str]:
    for each in assertions:
        data = _mapping(each.data)
        places = [data]
        if each.base_label.startswith("c2pa.actions"):
            places = _mappings(data.get("actions"))
        for place in places:
            yield from filter(None, (_text(place.get(k)) for k in SOURCE_TYPE_KEYS))


def _history(
    active: str, manifests: Json, deltas: Mapping[str, Codes]
) -> Iterator[IngredientReading]:
    """Walk from the active manifest outwards, each manifest once."""
    waiting, seen, count = [(active, 1)], {active}, 0
    while waiting:
        urn, depth = waiting.pop(0)
        for found in _mappings(_mapping(manifests.get(urn)).get("ingredients")):
            count += 1
            if count > MOST_INGREDIENTS:
                return
            ingredient = _ingredient(found, urn, depth, manifests, deltas)
            yield ingredient
            own = ingredient.manifest
            if own and own not in seen:
                seen.add(own)
                waiting.append((own, depth + 1))


def _ingredient(
    found: Json, of: str, depth: int, manifests: Json, deltas: Mapping[str, Codes]
) -> IngredientReading:
    results = _mapping(found.get("validation_results"))
    own = _text(found.get("active_manifest")) or None
    assertion = f"self#jumbf=/c2pa/{of}/c2pa.assertions/{_text(found.get('label'))}"
    codes = _joined(
        _codes(results.get("activeManifest")),
        _old_statuses(found.get("validation_status")),
        *_deltas(results).values(),
        deltas.get(assertion, Codes()),
    )
    return IngredientReading(
        title=_text(found.get("title")),
        relationship=_text(found.get("relationship")),
        of=of,
        depth=depth,
        format=_text(found.get("format")),
        manifest=own,
        signature=_signature(_mapping(manifests.get(own))) if own else None,
        state=_state(codes) if own else None,
        trust_list_uri=_text(results.get("trustListUri")) or None,
        codes=codes,
    )


def _state(codes: Codes) -> ValidationState:
    if set(codes.failure) - {UNKNOWN_SIGNER}:
        return ValidationState.INVALID
    if "signingCredential.trusted" in codes.success and not codes.failure:
        return ValidationState.TRUSTED
    return ValidationState.VALID


def _codes(results: object) -> Codes:
    found = _mapping(results)

    def of(key: str) -> tuple[str, ...]:
        codes = (_text(each.get("code")) for each in _mappings(found.get(key)))
        return tuple(dict.fromkeys(filter(None, codes)))

    return Codes(of("success"), of("informational"), of("failure"))


def _old_statuses(statuses: object) -> Codes:
    """Read what claims of version 1 wrote: a flat list of failures."""
    codes = (_text(each.get("code")) for each in _mappings(statuses))
    return Codes(failure=tuple(dict.fromkeys(filter(None, codes))))


def _deltas(results: Json) -> dict[str, Codes]:
    """Return what differs from the record, by the ingredient assertion's URI."""
    return {
        _text(each.get("ingredientAssertionURI")): _codes(each.get("validationDeltas"))
        for each in _mappings(results.get("ingredientDeltas"))
    }


def _joined(*parts: Codes) -> Codes:
    def of(each: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(code for codes in each for code in codes))

    return Codes(
        of(part.success for part in parts),
        of(part.informational for part in parts),
        of(part.failure for part in parts),
    )


def _mapping(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Json]:
    found = value if isinstance(value, list) else []
    return [each for each in found if isinstance(each, Mapping)]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
