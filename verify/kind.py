"""What sort of file this is, told by its first bytes and never by its name."""

from enum import StrEnum

HEAD_BYTES = 512

NOT_A_VIDEO = "not_a_video"
"""How the blink part begins for pictures, sound and documents."""

NOT_ASKED = "not_asked"
"""How it begins where only the provenance was to be checked."""


class MediaKind(StrEnum):
    """What can be looked at; only a video has blinks and a label in its frames."""

    VIDEO = "video"
    PICTURE = "picture"
    SOUND = "sound"
    DOCUMENT = "document"


STARTS = (
    (b"\xff\xd8\xff", MediaKind.PICTURE),  # JPEG
    (b"\x89PNG\r\n\x1a\n", MediaKind.PICTURE),
    (b"II*\x00", MediaKind.PICTURE),  # TIFF, DNG
    (b"MM\x00*", MediaKind.PICTURE),
    (b"II+\x00", MediaKind.PICTURE),  # BigTIFF
    (b"MM\x00+", MediaKind.PICTURE),
    (b"\xff\x0a", MediaKind.PICTURE),  # JPEG XL, bare
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", MediaKind.PICTURE),
    (b"ID3", MediaKind.SOUND),  # MP3
    (b"\xff\xfb", MediaKind.SOUND),
    (b"\xff\xf3", MediaKind.SOUND),
    (b"\xff\xf2", MediaKind.SOUND),
    (b"fLaC", MediaKind.SOUND),
    (b"%PDF-", MediaKind.DOCUMENT),
)
RIFF_KINDS = {b"WEBP": MediaKind.PICTURE, b"WAVE": MediaKind.SOUND}
PICTURE_BRANDS = frozenset(
    {b"avif", b"heic", b"heix", b"heim", b"heis", b"mif1", b"miaf"}
)
SOUND_BRANDS = frozenset({b"M4A ", b"M4B ", b"M4P "})
"""Major brands of ISO files (ISO 14496-12, 4.3) that hold no moving pictures."""


def media_kind(head: bytes) -> MediaKind:
    """Return the kind of a file that begins with ``head``; a video when in doubt.

    Examples
    --------
    >>> media_kind(b"RIFF....WAVEfmt ").value, media_kind(b"anything").value
    ('sound', 'video')
    """
    for start, kind in STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF":
        return RIFF_KINDS.get(head[8:12], MediaKind.VIDEO)
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    return MediaKind.PICTURE if _is_svg(head) else MediaKind.VIDEO


def _of_brand(brand: bytes) -> MediaKind:
    if brand in PICTURE_BRANDS:
        return MediaKind.PICTURE
    return MediaKind.SOUND if brand in SOUND_BRANDS else MediaKind.VIDEO


def _is_svg(head: bytes) -> bool:
    """Return whether a text begins as a drawing does."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith(b"<svg") or (text.startswith(b"<?xml") and b"<svg" in text)
