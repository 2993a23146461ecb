"""The explanation that a performer reads before signing."""

import hashlib

from lampoon.consent.record import Notice

NOTICE_VERSION = "1"
NOTICE_TEXT = """\
You are about to agree that your face may be used in a face swap.
- A program will measure your face in footage of you and train a model of it. These
  are biometric data; they are used for the swap and for checking that the footage is
  of you, and the measurements for that check are not kept.
- Your face will be put on another person, or another person's face on you, for the
  purposes, by the methods and with the people named in the record, until its last day.
- Everything made this way says visibly and in its signed data that it is a parody made
  by AI. It never shows nudity or sex, and it is never made with anybody under 18.
- You may take this back at any time: lampoon consent withdraw. Nothing new is made from
  then on, and what was published is dealt with as the record says.
- Your key signs this. Keep it to yourself: whoever holds it can sign and withdraw in
  your place. It proves that the same key gave, changed and withdrew this consent. It
  does not prove who you are.
"""


def notice() -> Notice:
    """Return what a record says about the explanation above."""
    sha256 = hashlib.sha256(NOTICE_TEXT.encode("utf-8")).hexdigest()
    uri = f"urn:lampoon:consent-notice:{NOTICE_VERSION}"
    return Notice(version=NOTICE_VERSION, sha256=sha256, text_uri=uri)
