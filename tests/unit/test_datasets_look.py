"""How performers are drawn: few triangles, soft shadows, hidden points, noise."""

from collections import Counter

import cv2
import numpy as np
import pytest

from lampoon.datasets.performers.figure import Part, figure_of
from lampoon.datasets.performers.filming import film
from lampoon.datasets.performers.grain import grained
from lampoon.datasets.performers.graphics import EglPainter
from lampoon.datasets.performers.lod import thinned
from lampoon.datasets.performers.mesh import BODY
from lampoon.datasets.performers.occluders import hand, lock, microphone
from lampoon.datasets.performers.truth import closures_of, truth_of_frame
from tests.support.people import ada, needs_graphics, short_take


@pytest.fixture(scope="module")
def body() -> Part:
    return figure_of(ada()).part(BODY)


def open_edges(part: Part) -> set[tuple[int, int]]:
    """Return the edges that only one triangle has, between points."""
    triangles = part.point_of[part.triangles]
    sides = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    count = Counter((int(a), int(b)) for a, b in sides)
    return {edge for edge, times in count.items() if times == 1}


def rim_length(part: Part) -> float:
    """Return how long the open edges are together."""
    ends = np.array(sorted(open_edges(part)))
    return float(
        np.linalg.norm(part.points[ends[:, 0]] - part.points[ends[:, 1]], axis=1).sum()
    )


def test_a_thinned_head_has_fewer_triangles_and_no_cracks(body: Part) -> None:
    thin = thinned(body, 0.006)

    assert len(thin.triangles) < 0.5 * len(body.triangles)
    # a crack would add open edges all along it
    assert rim_length(thin) == pytest.approx(rim_length(body), rel=0.01)


def test_a_finer_head_keeps_more_triangles(body: Part) -> None:
    counts = [len(thinned(body, off).triangles) for off in (0.02, 0.005, 0.001, 0.0)]

    assert counts == sorted(counts)
    assert counts[-1] <= len(body.triangles)


def test_noise_is_as_strong_as_said_and_stronger_in_the_light() -> None:
    def spread(level: int) -> float:
        flat = np.full((180, 320, 3), level, dtype=np.uint8)
        return float(grained(flat, 4.0, np.random.default_rng(1)).std())

    assert spread(128) == pytest.approx(4.0, rel=0.05)
    assert spread(30) < spread(128) < spread(220)


def test_noise_never_repeats_and_is_the_same_for_one_seed() -> None:
    flat = np.full((90, 160, 3), 120, dtype=np.uint8)
    first, again, other = (
        grained(flat, 3.0, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.mean() == pytest.approx(120, abs=0.1)


def test_occluders_stand_before_the_face_they_hide() -> None:
    figure, person = figure_of(ada()), ada()
    eye = figure.eyes[0].centre[2] + figure.eyes[0].radius
    for prop in (microphone(figure), hand(figure, person.look), lock(figure, person)):
        fixed, extra, triangles = prop.mesh
        assert prop.occludes
        # they move with the head, and not as if nailed to it
        assert extra[:, 2].min() > 0
        assert extra[:, 2].min() < 1
        assert np.isfinite(fixed).all()
        assert fixed[:, 2].max() > eye
        assert triangles.max() < len(fixed)


@pytest.mark.slow
@pytest.mark.graphics
def test_points_behind_the_head_or_a_hand_are_not_seen() -> None:
    needs_graphics()
    take = short_take(occluder="hand", seconds=0.2, width=320, height=180)
    filming = film(ada(hair_style="cropped"), take)
    painted = filming.frame(0)
    closure = closures_of(filming, 0, 1)[0]
    letters = truth_of_frame(filming, 0, closure, painted.covered)["visible"]
    filming.close()

    assert painted.covered is not None
    assert 0.02 < painted.covered.mean() < 0.3
    # the hand lies before the chin and mouth, and leaves brows and eyes free
    assert "c" in letters[:17]
    assert "c" in letters[48:68]
    assert set(letters[17:27]) == {"1"}
    assert set(letters[36:48]) == {"1"}


@pytest.mark.slow
@pytest.mark.graphics
@pytest.mark.parametrize("what", ["hand", "hair"])
def test_a_hand_or_a_lock_before_a_face_throws_a_shadow_on_it(what: str) -> None:
    needs_graphics()
    shown = []
    for occluder in ("nothing", what):
        take = short_take(occluder=occluder, seconds=0.2, noise=0.0)
        filming = film(ada(), take)
        shown.append(filming.frame(0))
        filming.close()
    free, held = shown
    assert held.covered is not None
    beside = ~cv2.dilate(held.covered.astype(np.uint8), np.ones((3, 3))).astype(bool)
    darker = free.rgb.astype(int).sum(axis=2) - held.rgb.astype(int).sum(axis=2)

    assert darker[beside].min() >= -3
    assert np.count_nonzero(darker[beside] > 30) > 40


@pytest.mark.slow
@pytest.mark.graphics
def test_leaving_out_what_a_take_never_shows_changes_no_pixel() -> None:
    needs_graphics()
    take = short_take(context="speech", seconds=2.0, noise=0.0, largest_yaw=40.0)
    filming = film(ada(), take)
    moments = [filming.moment(filming.motion, row) for row in range(1, 50, 4)]
    shown = [filming.painter.paint(each).rgb for each in moments]
    filming.close()
    whole = EglPainter(ada(), filming.figure, filming.stage)
    needed = [whole.paint(each).rgb for each in moments]
    whole.close()

    assert all(
        np.array_equal(one, other) for one, other in zip(shown, needed, strict=True)
    )
