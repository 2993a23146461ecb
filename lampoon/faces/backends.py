"""Which backend finds the faces: chosen by name, each loaded only when it is."""

from enum import StrEnum
from pathlib import Path

from lampoon.errors import SettingsError
from lampoon.faces.detector import FaceBackend, LiteRTBackend


class BackendName(StrEnum):
    """A backend as ``[faces]`` of a project calls it."""

    LITERT = "litert"
    MEDIAPIPE = "mediapipe"
    INSIGHTFACE = "insightface"


def make_backend(
    name: BackendName, models: Path | None = None, *, max_faces: int = 4
) -> FaceBackend:
    """Return a backend; ``models`` is the folder of insightface's files.

    Raises MissingExtraError where its package is missing, SettingsError where its
    models are.
    """
    if name is BackendName.MEDIAPIPE:
        from lampoon.faces.mediapipe import MediaPipeBackend

        return MediaPipeBackend(max_faces)
    if name is BackendName.INSIGHTFACE:
        from lampoon.faces.insightface import InsightFaceBackend, ModelFolder

        return InsightFaceBackend(ModelFolder(models_folder(models)), max_faces)
    return LiteRTBackend(max_faces)


def models_folder(models: Path | None) -> Path:
    """Return the folder of models. Raises SettingsError where none was given."""
    if models is None:
        raise SettingsError(
            "insightface needs a folder of models",
            hint='models = "FOLDER" in [faces], with the .onnx files that you got',
        )
    return models
