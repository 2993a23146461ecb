"""Exact rates and times: nothing here is ever rounded to a float."""

from array import array  # noqa: TC003 - readers of the type need the name
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

LARGEST_RATE_DENOMINATOR = 1001
"""Every broadcast rate is n/1 or n/1001; a measured average is told this finely."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The moments of all frames of a clip, in presentation order.

    ``ticks`` are the presentation times in units of ``time_base`` seconds, strictly
    rising; ``last_duration`` is how many ticks the last frame stays. Where the file
    tells no moments, only an order, they are not ``certain``.
    """

    ticks: "array[int]"
    time_base: Fraction
    last_duration: int
    certain: bool = True

    @property
    def seconds(self) -> Fraction:
        """How long the clip is seen, from the first frame to the end of the last."""
        if not self.ticks:
            return Fraction(0)
        return (self.ticks[-1] + self.last_duration - self.ticks[0]) * self.time_base

    @property
    def variable_rate(self) -> bool:
        """Whether frames come at uneven steps, beyond the rounding to ticks."""
        steps = [b - a for a, b in zip(self.ticks, self.ticks[1:], strict=False)]
        return bool(steps) and max(steps) - min(steps) > 1

    def rate(self, hints: Iterable[Fraction | None] = ()) -> Fraction:
        """Return frames per second: a hint where one fits, else the average.

        A container's hint fits when it predicts the last frame's tick of a clip of
        constant rate to within one tick. The average counts the last frame's stay
        too; a single frame without a duration gives 25.
        """
        if len(self.ticks) < 2:
            stay = self.last_duration * self.time_base
            return 1 / stay if stay > 0 else Fraction(25)
        span = (self.ticks[-1] - self.ticks[0]) * self.time_base
        measured = (len(self.ticks) - 1) / span
        if self.variable_rate:
            return len(self.ticks) / self.seconds
        for hint in hints:
            if hint and abs((len(self.ticks) - 1) / hint - span) <= self.time_base:
                return hint
        return measured.limit_denominator(LARGEST_RATE_DENOMINATOR)


def rescale(ticks: int, old: Fraction, new: Fraction) -> int:
    """Return a time in ticks of ``new``, rounded to the nearest (half to even).

    >>> rescale(3, Fraction(1, 25), Fraction(1, 90000))
    10800
    """
    return round(ticks * old / new)


def seconds_text(seconds: Fraction) -> str:
    """Return a time as people read it: minutes, seconds and milliseconds.

    >>> seconds_text(Fraction(1001, 30))
    '0:33.367'
    """
    milliseconds = round(abs(seconds) * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    sign = "-" if seconds < 0 and milliseconds else ""
    return f"{sign}{minutes}:{rest // 1000:02d}.{rest % 1000:03d}"


def rate_text(rate: Fraction) -> str:
    """Return a rate as people read it, exact where it is not whole.

    >>> rate_text(Fraction(30000, 1001))
    '29.97 (30000/1001)'
    """
    if rate.denominator == 1:
        return str(rate.numerator)
    return f"{float(rate):.2f} ({rate.numerator}/{rate.denominator})"
