"""The reference to the live model, which a promotion replaces."""

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
        """Make ``model`` live for all requests that begin from now on; return the previous one."""
        replaced, self._model = self._model, model
        return replaced
