"""Which pixels belong to a face: the hull of its landmarks, eroded and feathered."""

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def hull_mask(
    points: Floats,
    size: tuple[int, int],
    *,
    erode_pixels: float = 0.0,
    feather_pixels: float = 0.0,
) -> Floats:
    """Return a face's mask over a picture, (height, width) float32 from 0 to 1.

    ``points`` are (n, 2) landmarks in its pixels, ``size`` is (height, width). The
    mask is 0 outside the convex hull and for ``erode_pixels`` inside it, then rises
    smoothly over ``feather_pixels`` and is 1 further in. ValueError for a negative
    width or for fewer than three points.
    """
    if erode_pixels < 0 or feather_pixels < 0:
        raise ValueError("erosion and feather are widths in pixels, 0 or more")
    if len(points) < 3:
        raise ValueError("a hull takes at least three points")
    height, width = size
    inside = np.zeros((height + 2, width + 2), np.uint8)
    hull = cv2.convexHull(points.astype(np.float32)) + 1
    cv2.fillConvexPoly(inside, hull.round().astype(np.int32), 1)
    return soft_inside(
        inside[1:-1, 1:-1], erode_pixels=erode_pixels, feather_pixels=feather_pixels
    )


def soft_inside(
    inside: npt.NDArray[np.uint8], *, erode_pixels: float, feather_pixels: float
) -> Floats:
    """Return a mask of 0 and 1, (height, width), eroded and made soft: 0 to 1.

    A shape that the picture cuts off has no edge there.
    """
    framed = cv2.copyMakeBorder(inside, 2, 2, 2, 2, cv2.BORDER_REPLICATE)
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[2:-2, 2:-2]
    share = np.clip((depth - erode_pixels) / max(feather_pixels, 1e-3), 0, 1)
    smooth: Floats = (share * share * (3 - 2 * share)).astype(np.float32)
    return smooth
