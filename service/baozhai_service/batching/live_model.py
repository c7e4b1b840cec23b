"""Which model is live: one reference, replaced whole."""

from __future__ import annotations

from baozhai_model.model import Model


class LiveModel:
    """Holds the live model. A request reads it once, so every answer comes from exactly one version."""

    def __init__(self, model: Model) -> None:
        self._model = model

    @property
    def model(self) -> Model:
        """The live model."""
        return self._model

    def replace(self, model: Model) -> Model:
        """Make ``model`` live for every request that begins from now on; the one it replaces."""
        replaced, self._model = self._model, model
        return replaced
