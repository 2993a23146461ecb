"""What is done to marked clips, as data.

An attack is one generation after another: filters of FFmpeg, then an encoder. Sizes
are relative, so that a bundled clip of 360 rows loses as much as one of 1080.
"""

from dataclasses import dataclass, field

Filter = tuple[str, str]
"""A filter of FFmpeg and its arguments."""


@dataclass(frozen=True, slots=True)
class Codec:
    """An encoder with its options, one thread each."""

    name: str
    options: tuple[tuple[str, str], ...]


def h264(crf: int, preset: str = "veryfast") -> Codec:
    """Return x264 at a constant quality."""
    return Codec("libx264", (("crf", str(crf)), ("preset", preset)))


def h265(crf: int) -> Codec:
    """Return x265 at a constant quality, as fast as it goes."""
    quiet = ("x265-params", "log-level=none:pools=none:frame-threads=1")
    return Codec("libx265", (("crf", str(crf)), ("preset", "ultrafast"), quiet))


def vp9(crf: int) -> Codec:
    """Return libvpx VP9 at a constant quality."""
    speed = (("deadline", "good"), ("cpu-used", "5"))
    return Codec("libvpx-vp9", (("crf", str(crf)), ("b", "0"), *speed))


def av1(crf: int) -> Codec:
    """Return SVT-AV1 at a constant quality."""
    return Codec(
        "libsvtav1", (("crf", str(crf)), ("preset", "10"), ("svtav1-params", "lp=1"))
    )


@dataclass(frozen=True, slots=True)
class Generation:
    """One passage through somebody's hands."""

    filters: tuple[Filter, ...] = ()
    codec: Codec = field(default_factory=lambda: h264(23))


@dataclass(frozen=True, slots=True)
class Attack:
    """Everything that happens between publishing and reading."""

    name: str
    generations: tuple[Generation, ...]


PUBLISHED = h264(18, "medium")
"""How every marked clip is published, as ``generate`` does it; then it is attacked."""

USUAL = h264(23, "medium")
"""Where the price in bytes is looked at."""


def _scaled(part: str) -> Filter:
    return "scale", f"trunc(iw*{part}/2)*2:trunc(ih*{part}/2)*2"


def _cropped(part: float, at: str = "(iw-ow)/2:(ih-oh)/2") -> Filter:
    return "crop", f"trunc(iw*{part}/2)*2:trunc(ih*{part}/2)*2:{at}"


def _luma(expression: str) -> Filter:
    return "lutyuv", f"y=clip({expression},16,235)"


BOX = "w=iw/4:h=ih/7:color=white:t=fill"

FILTERED: dict[str, tuple[Filter, ...]] = {
    "1.5 times the size": (_scaled("3/2"),),
    "2/3 size": (_scaled("2/3"),),
    "1/2 size": (_scaled("1/2"),),
    "crop 90 %": (_cropped(0.9),),
    "crop 75 %": (_cropped(0.75, "(iw-ow)*0.3:(ih-oh)*0.6"),),
    "crop 50 %": (_cropped(0.5),),
    "crop to 9:16": (("crop", "trunc(ih*9/32)*2:ih"),),
    "squeeze to 4:3": (("scale", "trunc(ih*2/3)*2:ih"), ("setsar", "1")),
    "rate 5 to 4": (("fps", "source_fps*4/5"),),
    "rate 8 to 5": (("fps", "source_fps*5/8"),),
    "brightness + 10 %": (_luma("val+22"),),
    "contrast 1.3": (_luma("(val-126)*1.3+126"),),
    "saturation 1.5": (("hue", "s=1.5"),),
    "hue 30 degrees": (("hue", "h=30"),),
    "blur, sigma 2": (("gblur", "sigma=2"),),
    "noise 15": (("noise", "alls=15:allf=t:all_seed=1"),),
    "two boxes over it": (
        ("drawbox", f"x=iw/12:y=ih/12:{BOX}"),
        ("drawbox", f"x=iw*2/3:y=ih*3/4:{BOX}"),
    ),
    "flip": (("hflip", ""),),
    "turned 1 degree": (("rotate", "PI/180"),),
}

SOCIAL = (_cropped(0.95), _scaled("2/3"))
SOCIAL_2 = (
    _cropped(0.9, "(iw-ow)*0.7:(ih-oh)*0.2"),
    ("hflip", ""),
    _luma("(val-126)*1.1+130"),
    ("hue", "s=1.2"),
    _scaled("1/2"),
)


def attacks(seconds: float) -> list[Attack]:
    """Return every attack on a clip of this length, the first of them harmless."""
    cut: Filter = ("trim", f"start={seconds / 4:.3f}:end={seconds * 3 / 4:.3f}")
    codecs = {
        **{f"H.264 CRF {crf}": h264(crf) for crf in (23, 28, 33, 40)},
        **{f"H.265 CRF {crf}": h265(crf) for crf in (28, 35)},
        "VP9 CRF 36": vp9(36),
        "AV1 CRF 40": av1(40),
    }
    pictures = FILTERED | {"middle half cut out": (cut,)}
    chains = {
        "social: crop 95 %, 2/3 size, CRF 30": (Generation(SOCIAL, h264(30)),),
        "social 2: crop 90 %, flip, colours, 1/2 size, CRF 30": (
            Generation(SOCIAL_2, h264(30)),
        ),
        "platform: CRF 26, then 2/3 size, CRF 30": (
            Generation((), h264(26)),
            Generation((_scaled("2/3"),), h264(30)),
        ),
        "platform: 2/3 size, VP9 CRF 36": (Generation((_scaled("2/3"),), vp9(36)),),
    }
    return [
        Attack("none", ()),
        *(Attack(n, (Generation((), codec),)) for n, codec in codecs.items()),
        *(Attack(n, (Generation(chosen),)) for n, chosen in pictures.items()),
        *(Attack(n, hands) for n, hands in chains.items()),
    ]
