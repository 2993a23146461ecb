"""What a labelled clip looks like: for its manifest and for the registry."""

from pathlib import Path

import cv2

from lampoon.errors import MediaError
from lampoon.media.reader import probe, read_frames
from lampoon.watermark.fingerprint import FingerprintTaker, watched

POSTER_JPEG_QUALITY = 88


def fingerprint_of(clip: Path) -> bytes:
    """Return what a clip's pictures look like, as the registry keeps it."""
    taker = FingerprintTaker()
    for _ in watched(read_frames(clip), taker):
        pass
    return taker.fingerprint().to_bytes()


def poster_of(clip: Path) -> bytes:
    """Return the middle frame of a labelled clip as JPEG."""
    middle = probe(clip).frame_count // 2
    rgb = next(read_frames(clip, first=middle, stop=middle + 1)).rgb
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    quality = [cv2.IMWRITE_JPEG_QUALITY, POSTER_JPEG_QUALITY]
    encoded, data = cv2.imencode(".jpg", bgr, quality)
    if not encoded:
        raise MediaError("the poster frame cannot be encoded", where=clip)
    return data.tobytes()
