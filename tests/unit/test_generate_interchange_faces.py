"""Alignments and face PNGs: faceswap's are read, ours have its keys and no other."""

import ast
import os
import pickle
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from lampoon.errors import LampoonError
from lampoon.generate.interchange.alignments import (
    Alignments,
    FrameFaces,
    alignments_in,
    read_alignments,
    write_alignments,
)
from lampoon.generate.interchange.face_png import (
    FaceHeader,
    FaceSource,
    face_png,
    read_face,
    read_face_header,
)
from lampoon.generate.interchange.record import FaceRecord, StoredMask, record_of

REFERENCE = Path("tests/data/faceswap")
FSA = REFERENCE / "alignments.fsa"
PNG = REFERENCE / "faces" / "frame_000001_0.png"


class RunsACommand:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


def chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    """An independent reader: every chunk, checked, in order."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    found, at = [], 8
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        body = png[at + 8 : at + 8 + length]
        (check,) = struct.unpack_from(">I", png, at + 8 + length)
        assert check == zlib.crc32(kind + body)
        found.append((kind, body))
        at += 12 + length
    return found


def faceswap_text(png: bytes) -> dict[str, Any]:
    """The header as faceswap finds it: keyword, five NULs, a Python literal."""
    (body,) = [body for kind, body in chunks(png) if kind == b"iTXt"]
    assert body.startswith(b"faceswap\0\0\0\0\0")
    found = ast.literal_eval(body[13:].decode())
    assert isinstance(found, dict)
    return found


def real_fsa() -> dict[str, Any]:
    """The reference file, which we made and may unpickle."""
    found = pickle.loads(zlib.decompress(FSA.read_bytes()))
    assert isinstance(found, dict)
    return found


def shape_of(thing: object) -> object:
    """Keys and types, all the way down; of a list, those of its first item."""
    if isinstance(thing, dict):
        return {key: shape_of(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [type(thing).__name__, *(shape_of(item) for item in thing[:1])]
    return type(thing).__name__


def example_record() -> FaceRecord:
    chance = np.random.default_rng(1)
    matrix = np.array([[0.5, 0, -10], [0, 0.5, -20]])
    mask = StoredMask.pack(np.full((128, 128), 255, np.uint8), matrix, "face")
    return FaceRecord(
        x=200,
        y=100,
        width=150,
        height=160,
        landmarks=chance.uniform(100, 300, (68, 2)).astype(np.float32),
        masks={"custom_face": mask},
        identity={"vggface2": (0.5, -0.25)},
        thumb=b"\xff\xd8 a jpeg",
    )


def example_header(**own: Any) -> FaceHeader:
    source = FaceSource("a_000001_0.png", 0, "a_000001.mp4", True, (480, 640))
    return FaceHeader(example_record(), source, own)


def test_alignments_of_the_real_program_are_read() -> None:
    found = read_alignments(FSA)

    truth = real_fsa()["__data__"]
    face = found.frames["frame_000001.png"].faces[0]
    plain = truth["frame_000001.png"]["faces"][0]
    assert list(found.frames) == list(truth)
    assert (face.x, face.y, face.width, face.height) == (200, 166, 176, 171)
    np.testing.assert_allclose(face.landmarks, plain["landmarks_xy"])
    assert face.thumb == bytes(plain["thumb"])


def test_a_stored_mask_of_the_real_program_is_read() -> None:
    face = read_alignments(FSA).frames["frame_000001.png"].faces[0]

    mask = face.masks["synth-ext"].pixels()

    assert mask.shape == (128, 128)
    assert set(np.unique(mask)) <= set(range(256))
    assert mask.max() == 255


def test_alignments_read_and_written_again_are_the_same_bytes(tmp_path: Path) -> None:
    again = tmp_path / "alignments.fsa"

    write_alignments(again, read_alignments(FSA))

    assert again.read_bytes() == FSA.read_bytes()


def test_our_alignments_have_the_keys_and_types_of_the_real_ones(
    tmp_path: Path,
) -> None:
    path = tmp_path / "alignments.fsa"

    write_alignments(path, Alignments({"a_1.mp4": FrameFaces((example_record(),))}))

    ours = pickle.loads(zlib.decompress(path.read_bytes()))
    face = ours["__data__"]["a_1.mp4"]["faces"][0]
    face["mask"] = {"synth-ext": face["mask"]["custom_face"]}
    real = real_fsa()
    real_frame = real["__data__"]["frame_000001.png"]
    assert ours["__meta__"] == real["__meta__"] == {"version": 2.4}
    assert shape_of(ours["__data__"]["a_1.mp4"]) == shape_of(real_frame)


def real_face() -> dict[str, Any]:
    """One face of the reference file, as plain data."""
    found = real_fsa()["__data__"]["frame_000001.png"]["faces"][0]
    assert isinstance(found, dict)
    return found


def older_face(version: float) -> dict[str, Any]:
    """The same face as a program of ``version`` wrote it, arrays and all."""
    face = real_face()
    face["landmarks_xy"] = np.asarray(face["landmarks_xy"], np.float32)
    face["thumb"] = np.asarray(face["thumb"], np.uint8)
    for mask in face["mask"].values():
        mask["affine_matrix"] = np.asarray(mask["affine_matrix"])
        if version < 2.2:
            del mask["stored_centering"]
    if version < 2.3:
        del face["identity"]
    return face


def older_file(path: Path, version: float, protocol: int) -> Path:
    frame: dict[str, Any] = {"faces": [older_face(version)]}
    if version >= 2.3:
        frame["video_meta"] = {"pts_time": np.int64(512), "keyframe": True}
    plain = {"__meta__": {"version": version}, "__data__": {"f_000001.png": frame}}
    path.write_bytes(zlib.compress(pickle.dumps(plain, protocol)))
    return path


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("version", [2.0, 2.1, 2.2, 2.3, 2.4])
def test_every_version_in_the_dialect_of_arrays_is_read(
    version: float, protocol: int, tmp_path: Path
) -> None:
    path = older_file(tmp_path / "old.fsa", version, protocol)

    found = alignments_in(path.read_bytes())

    (frame,) = found.frames.values()
    (face,) = frame.faces
    assert found.version == version
    assert face.landmarks.tolist() == real_face()["landmarks_xy"]
    assert face.thumb == bytes(real_face()["thumb"])
    assert {mask.centring for mask in face.masks.values()} == {"face"}
    assert bool(face.identity) == (version >= 2.3)
    known = {"pts_time": 512, "keyframe": True} if version >= 2.3 else {}
    assert frame.video_meta == known


def test_what_is_read_of_an_old_version_is_written_as_the_newest(
    tmp_path: Path,
) -> None:
    old = older_file(tmp_path / "old.fsa", 2.0, 2)

    write_alignments(tmp_path / "new.fsa", read_alignments(old))

    new = pickle.loads(zlib.decompress((tmp_path / "new.fsa").read_bytes()))
    assert new["__meta__"] == {"version": 2.4}
    face = new["__data__"]["f_000001.png"]["faces"][0]
    assert shape_of(face) == shape_of({**real_face(), "identity": {}})
    assert face == {**real_face(), "identity": {}}


def test_the_first_dialect_is_understood(tmp_path: Path) -> None:
    face = {key: real_face()[key] for key in ("x", "y", "w", "h")}
    face["landmarksXY"] = np.asarray(real_face()["landmarks_xy"])
    path = tmp_path / "old.fsa"
    plain = {"__meta__": {"version": 2.0}, "__data__": {"f.png": [face]}}
    path.write_bytes(zlib.compress(pickle.dumps(plain)))

    found = read_alignments(path)

    assert found.frames["f.png"].faces[0].landmarks.shape == (68, 2)


def test_masks_that_are_drawn_from_landmarks_are_not_kept() -> None:
    plain = example_record().as_plain()
    plain["mask"] |= {"components": "junk", "extended": plain["mask"]["custom_face"]}

    assert set(record_of(plain).masks) == {"custom_face"}


def test_alignments_that_would_run_a_command_run_nothing(tmp_path: Path) -> None:
    trace, path = tmp_path / "it-ran", tmp_path / "evil.fsa"
    path.write_bytes(zlib.compress(pickle.dumps(RunsACommand(trace))))

    with pytest.raises(LampoonError, match=r"evil\.fsa: not a pickle of plain data"):
        read_alignments(path)

    assert not trace.exists()


def test_alignments_that_say_one_thing_a_billion_times_are_refused(
    tmp_path: Path,
) -> None:
    bomb: list[Any] = ["lol"] * 10
    for _ in range(10):
        bomb = [bomb] * 10
    path = tmp_path / "bomb.fsa"
    path.write_bytes(zlib.compress(pickle.dumps(bomb)))

    with pytest.raises(LampoonError, match=r"bomb\.fsa.*over and over"):
        read_alignments(path)


def test_a_broken_alignments_file_ends_in_our_error_and_no_other() -> None:
    chance = random.Random(3)
    plain = zlib.decompress(FSA.read_bytes())[:20_000]
    whole = pickle.dumps(real_face() | {"more": older_face(2.4)})
    for source in (plain, whole):
        for _ in range(250):
            broken = bytearray(source)
            for _ in range(3):
                broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
            try:
                alignments_in(zlib.compress(bytes(broken), 1))
            except LampoonError:
                continue


def test_a_broken_face_ends_in_our_error_and_no_other() -> None:
    chance, png = random.Random(4), PNG.read_bytes()
    first = png.index(b"IDAT")
    for _ in range(400):
        broken = bytearray(png)
        broken[chance.randrange(first)] ^= 1 << chance.randrange(8)
        try:
            read_face_header(bytes(broken))
        except LampoonError:
            continue


def test_a_square_matrix_of_a_mask_is_understood() -> None:
    plain = example_record().as_plain()
    plain["mask"]["custom_face"]["affine_matrix"].append([0.0, 0.0, 1.0])

    assert record_of(plain).masks["custom_face"].matrix.shape == (2, 3)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("landmarks_xy", [[1.0, 2.0]] * 67),
        ("landmarks_xy", [[float("nan"), 2.0]] * 68),
        ("landmarks_xy", "nothing"),
        ("x", None),
        ("x", 10**30),
        ("mask", [1]),
        ("mask", {"m": {"mask": b"", "affine_matrix": [[1.0]]}}),
        ("identity", {"vggface2": [[1.0]]}),
        ("thumb", [300]),
    ],
)
def test_a_broken_field_is_named(field: str, value: object) -> None:
    plain = {**example_record().as_plain_with_thumb(), field: value}

    with pytest.raises(LampoonError):
        record_of(plain)


@pytest.mark.parametrize(
    "plain",
    [
        [],
        {"__meta__": {"version": 1.0}, "__data__": {}},
        {"__meta__": {"version": 2.5}, "__data__": {}},
        {"__meta__": {"version": True}, "__data__": {}},
        {"__meta__": {"version": 2.4}},
        {"__meta__": {"version": 2.4}, "__data__": {"f": {"faces": 3}}},
    ],
)
def test_what_is_no_alignments_file_is_refused(plain: object, tmp_path: Path) -> None:
    path = tmp_path / "x.fsa"
    path.write_bytes(zlib.compress(pickle.dumps(plain)))

    with pytest.raises(LampoonError, match=r"x\.fsa"):
        read_alignments(path)


def test_a_face_of_the_real_program_is_read() -> None:
    rgb, header = read_face(PNG.read_bytes())

    truth = faceswap_text(PNG.read_bytes())
    assert rgb.shape == (256, 256, 3)
    assert header.source.as_plain() == truth["source"]
    assert header.record.as_plain() == truth["alignments"]
    assert header.own == {}


def test_a_face_of_the_real_program_written_again_has_the_same_header() -> None:
    rgb, header = read_face(PNG.read_bytes())

    again = face_png(rgb, header)

    (ours,) = [body for kind, body in chunks(again) if kind == b"iTXt"]
    (real,) = [body for kind, body in chunks(PNG.read_bytes()) if kind == b"iTXt"]
    assert ours == real
    np.testing.assert_array_equal(read_face(again)[0], rgb)


def test_our_face_has_the_keys_and_types_of_a_real_one() -> None:
    png = face_png(np.zeros((64, 64, 3), np.uint8), example_header())

    ours, real = faceswap_text(png), faceswap_text(PNG.read_bytes())
    ours["alignments"]["mask"] = {"synth-ext": ours["alignments"]["mask"].popitem()[1]}
    assert shape_of(ours) == shape_of(real)


def test_a_face_comes_back_pixel_for_pixel_with_its_header() -> None:
    rgb = np.random.default_rng(3).integers(0, 256, (64, 64, 3), np.uint8)

    found, header = read_face(face_png(rgb, example_header(index=3)))

    np.testing.assert_array_equal(found, rgb)
    assert header.record.as_plain() == example_record().as_plain()
    assert header.own == {"index": 3}


def test_what_is_ours_stays_out_of_faceswaps_chunk() -> None:
    png = face_png(np.zeros((64, 64, 3), np.uint8), example_header(index=3))

    kinds = [kind for kind, _ in chunks(png)]
    (own,) = [body for kind, body in chunks(png) if kind == b"tEXt"]
    assert kinds.index(b"iTXt") < kinds.index(b"IDAT")
    assert kinds.count(b"iTXt") == 1
    assert own == b'lampoon\0{"index":3}'
    assert set(faceswap_text(png)) == {"alignments", "source"}


def test_a_picture_without_a_header_is_no_face() -> None:
    _, png = cv2.imencode(".png", np.zeros((64, 64, 3), np.uint8))

    with pytest.raises(LampoonError, match="not a face"):
        read_face_header(png.tobytes())


@pytest.mark.parametrize(
    "text",
    [
        b"__import__('os').system('true')",
        b"(" * 100_000,
        b"-" * 100_000 + b"1",
        b"{'a': [" + b"[" * 50 + b"]" * 50 + b"]}",
        b"[1, 2]",
        b"{'alignments': 1, 'source': 2}",
        b"\xff\xfe",
        b"{'a': 'unclosed",
    ],
)
def test_a_header_that_is_no_plain_literal_is_refused(text: bytes) -> None:
    png = face_png(np.zeros((64, 64, 3), np.uint8), example_header())
    body = b"faceswap" + b"\0" * 5 + text
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body
    chunk += struct.pack(">I", zlib.crc32(b"iTXt" + body))
    hostile = png[:33] + chunk + png[png.index(b"IDAT") - 4 :]

    with pytest.raises(LampoonError):
        read_face_header(hostile)


def test_a_face_cut_off_anywhere_is_refused() -> None:
    png = PNG.read_bytes()

    for length in (0, 7, 20, 40, 3000, 5600):
        with pytest.raises(LampoonError):
            read_face(png[:length])
