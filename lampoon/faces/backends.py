"""Which backend finds the faces: chosen by name, each loaded only when it is."""

from enum import StrEnum
from pathlib import Path

from pydantic.dataclasses import dataclass

from lampoon.errors import SettingsError
from lampoon.faces.detector import FaceBackend, LiteRTBackend
from lampoon.settings import STRICT


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


@dataclass(config=STRICT, frozen=True)
class FacesSettings:
    """``[faces]``: what finds the faces, and the folder of insightface's models.

    The folder also serves the method ``inswapper``, with any backend.
    """

    backend: BackendName = BackendName.LITERT
    models: Path | None = None

    def make(self) -> FaceBackend:
        """Return the backend, for one thread; raises as ``make_backend``."""
        return make_backend(self.backend, self.models)

    @property
    def said(self) -> str:
        """What to say of it, "" for the default; opens insightface's folder."""
        if self.backend is not BackendName.INSIGHTFACE:
            return "" if self.backend is BackendName.LITERT else self.backend.value
        from lampoon.faces.insightface import ModelFolder, Task

        facts = ModelFolder(models_folder(self.models)).facts(Task.DETECTION)
        return f"{facts.describe()}, sha256:{facts.sha256}"


def models_folder(models: Path | None) -> Path:
    """Return the folder of models. Raises SettingsError where none was given."""
    if models is None:
        raise SettingsError(
            "insightface needs a folder of models",
            hint='models = "FOLDER" in [faces], with the .onnx files that you got',
        )
    return models
