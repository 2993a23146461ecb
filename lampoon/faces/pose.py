"""Which way a head is turned, in degrees, from the mesh and its depth."""

import numpy as np
import numpy.typing as npt

CANONICAL = np.array(
    [
        # mesh point, weight, x (performer's left), y (up), z (towards the camera), cm
        (4, 0.0709, 0.000, -0.463, 7.587),
        (6, 0.0321, 0.000, 2.473, 5.789),
        (10, 0.0084, 0.000, 8.262, 4.482),
        (33, 0.0587, -4.446, 2.664, 3.173),
        (54, 0.0077, -6.279, 6.615, 1.426),
        (67, 0.0091, -3.524, 8.006, 3.729),
        (117, 0.0098, -5.259, 0.946, 2.974),
        (119, 0.0146, -3.301, 0.862, 3.873),
        (121, 0.0186, -1.821, 1.468, 4.224),
        (127, 0.0052, -7.743, 2.365, -2.005),
        (129, 0.1206, -1.786, -0.978, 4.850),
        (132, 0.0056, -7.271, -2.891, -2.252),
        (133, 0.0533, -1.856, 2.585, 3.758),
        (136, 0.0669, -5.085, -7.179, 0.715),
        (143, 0.0148, -6.408, 2.236, 1.561),
        (147, 0.0143, -6.235, -1.944, 1.664),
        (198, 0.0255, -1.247, 0.230, 5.681),
        (205, 0.0473, -3.833, -1.537, 4.138),
        (263, 0.0587, 4.446, 2.664, 3.173),
        (284, 0.0077, 6.279, 6.615, 1.426),
        (297, 0.0091, 3.524, 8.006, 3.729),
        (346, 0.0098, 5.259, 0.946, 2.974),
        (348, 0.0146, 3.301, 0.862, 3.873),
        (350, 0.0186, 1.821, 1.468, 4.224),
        (356, 0.0052, 7.743, 2.365, -2.005),
        (358, 0.1206, 1.786, -0.978, 4.850),
        (361, 0.0056, 7.271, -2.891, -2.252),
        (362, 0.0533, 1.856, 2.585, 3.758),
        (365, 0.0669, 5.085, -7.179, 0.715),
        (372, 0.0148, 6.408, 2.236, 1.561),
        (376, 0.0143, 6.235, -1.944, 1.664),
        (420, 0.0255, 1.247, 0.230, 5.681),
        (425, 0.0473, 3.833, -1.537, 4.138),
    ],
    dtype=np.float64,
)
"""MediaPipe's canonical face and the weights with which it is laid on a mesh
(geometry_pipeline_metadata_landmarks in face_landmarker.task, Apache-2.0)."""

POINTS = CANONICAL[:, 0].astype(int)
WEIGHTS = CANONICAL[:, 1:2] / CANONICAL[:, 1].sum()
CENTRED = CANONICAL[:, 2:] - (CANONICAL[:, 2:] * WEIGHTS).sum(axis=0)

DEPTH_STRETCH = 0.8
LEVEL_DEGREES = 5.1
"""The mesh is deeper than a head, and its canonical face looks up when the head is
level. Both were fitted on two rendered performers (the truth beside the samples)."""

LEVEL = np.radians(LEVEL_DEGREES)
SHAPE = CENTRED @ np.array(
    [
        [1, 0, 0],
        [0, np.cos(LEVEL), np.sin(LEVEL)],
        [0, -np.sin(LEVEL), np.cos(LEVEL)],
    ]
)


def head_pose(
    landmarks: npt.NDArray[np.float32], depth: npt.NDArray[np.float32]
) -> tuple[float, float, float]:
    """Return yaw, pitch and roll in degrees of (478, 2) points and (478,) depth.

    +yaw turns to the performer's own left, +pitch looks down, +roll leans
    anticlockwise as seen. The rotation is the weighted least-squares one (Umeyama
    1991, equation 40) from the canonical face, taken apart as Ry(yaw) Rx(pitch)
    Rz(roll).
    """
    seen = np.empty((len(POINTS), 3))
    seen[:, :2] = landmarks[POINTS]
    seen[:, 1] *= -1
    seen[:, 2] = -DEPTH_STRETCH * depth[POINTS]
    seen -= (seen * WEIGHTS).sum(axis=0)
    u, _, vt = np.linalg.svd((seen * WEIGHTS).T @ SHAPE)
    turn = np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    r = u @ turn @ vt
    yaw = np.arctan2(r[0, 2], r[2, 2])
    pitch = np.arcsin(np.clip(-r[1, 2], -1, 1))
    roll = np.arctan2(r[1, 0], r[1, 1])
    return float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.degrees(roll))
