"""Whatever a record holds comes back from every file that it is written to."""

import pickle
import zlib
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays

from lampoon.errors import LampoonError
from lampoon.generate.interchange.alignments import (
    Alignments,
    FrameFaces,
    alignments_in,
    alignments_plain,
)
from lampoon.generate.interchange.face_png import (
    FaceHeader,
    FaceSource,
    face_png,
    read_face,
)
from lampoon.generate.interchange.record import FaceRecord, StoredMask
from lampoon.generate.interchange.transport import face_line, face_of
from lampoon.generate.interchange.unpickle import read_pickle

pixels = some.integers(-100_000, 100_000)
names = some.text(min_size=1, max_size=20).filter(
    lambda name: name not in ("components", "extended")
)
finite = some.floats(-1e5, 1e5, width=32)
landmarks = some.sampled_from((68, 98, 51, 4)).flatmap(
    lambda count: arrays(np.float32, (count, 2), elements=finite)
)
masks = some.builds(
    StoredMask.pack,
    arrays(np.uint8, some.integers(1, 12).map(lambda n: (n, n))),
    arrays(np.float64, (2, 3), elements=finite),
    some.sampled_from(("face", "head", "legacy")),
)
records = some.builds(
    FaceRecord,
    x=pixels,
    y=pixels,
    width=pixels,
    height=pixels,
    landmarks=landmarks,
    masks=some.dictionaries(names, masks, max_size=2),
    identity=some.dictionaries(
        names, some.lists(finite, max_size=4).map(tuple), max_size=2
    ),
    thumb=some.none() | some.binary(max_size=40),
)
nothing: dict[str, int | bool] = {}
metas = some.just(nothing) | some.fixed_dictionaries(
    {"pts_time": some.integers(-(2**40), 2**40), "keyframe": some.booleans()}
)
frames = some.builds(FrameFaces, some.lists(records, max_size=2).map(tuple), metas)
sources = some.builds(
    FaceSource,
    original_filename=names,
    face_index=some.integers(0, 99),
    source_filename=names,
    source_is_video=some.booleans(),
    frame_size=some.tuples(some.integers(1, 9000), some.integers(1, 9000)),
)
plain = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(2**60), 2**60)
    | some.floats(allow_nan=False)
    | some.text()
    | some.binary(),
    lambda inner: (
        some.lists(inner)
        | some.dictionaries(some.text(), inner)
        | some.tuples(inner, inner)
    ),
    max_leaves=20,
)


def said(record: FaceRecord) -> dict[str, Any]:
    return record.as_plain_with_thumb()


@settings(max_examples=30)
@given(some.dictionaries(names, frames, max_size=3))
def test_alignments_come_back_as_they_were(found: dict[str, FrameFaces]) -> None:
    written = zlib.compress(pickle.dumps(alignments_plain(Alignments(found)), 4))

    again = alignments_in(written)

    assert alignments_plain(again) == alignments_plain(Alignments(found))


@given(records)
def test_a_face_comes_back_from_the_reader_as_it_was(record: FaceRecord) -> None:
    assert said(face_of(face_line(record))) == said(record)


@settings(max_examples=30)
@given(records, sources)
def test_a_face_comes_back_from_its_picture_as_it_was(
    record: FaceRecord, source: FaceSource
) -> None:
    png = face_png(np.zeros((16, 16, 3), np.uint8), FaceHeader(record, source))

    _, header = read_face(png)

    assert header.record.as_plain() == record.as_plain()
    assert header.source == source


@given(plain, some.integers(2, 5))
def test_plain_data_comes_back_from_every_pickle(thing: object, protocol: int) -> None:
    assert read_pickle(pickle.dumps(thing, protocol)) == thing


@given(some.binary(max_size=200))
def test_no_bytes_whatever_are_more_than_data(data: bytes) -> None:
    for reading in (read_pickle, alignments_in, lambda raw: read_face(raw)):
        try:
            reading(data)
        except LampoonError:
            continue


@settings(max_examples=30)
@given(some.data())
def test_an_answer_that_was_tampered_with_is_refused_or_a_face(
    data: some.DataObject,
) -> None:
    line = face_line(data.draw(records))
    key = data.draw(some.sampled_from(sorted(line)))
    line[key] = data.draw(plain)
    try:
        face_of(line)
    except LampoonError:
        return
