"""When a stage ends early: a watched figure has not improved for a while, in a direction that the recipe names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flexura.errors import RecipeError
from flexura.training.recipe import StopConfig


@dataclass
class EarlyStop:
    """The best look so far, and how many have passed since; a run keeps it in its state."""

    config: StopConfig
    best: float | None = None
    waited: int = 0

    @property
    def is_due(self) -> bool:
        """Whether the stage should end now."""
        return bool(self.config.metric) and self.waited >= self.config.patience

    def look(self, figures: Mapping[str, Any]) -> bool:
        """Take in a look at the watched photos.

        Parameters
        ----------
        figures : mapping
            Nested figures as they are logged.

        Returns
        -------
        bool
            Whether this is the best look so far; False without a metric.

        Raises
        ------
        RecipeError
            If the metric is not among the figures, or these photos give it no value.
        """
        if not self.config.metric:
            return False
        value = self._find(figures)
        better = self.best is None or (value > self.best if self.config.direction == "max" else value < self.best)
        self.best, self.waited = (value, 0) if better else (self.best, self.waited + 1)
        return better

    def _find(self, figures: Mapping[str, Any]) -> float:
        place: Any = figures
        for name in self.config.metric.split("."):
            place = place.get(name) if isinstance(place, Mapping) else None
        if not isinstance(place, int | float):
            known = [f"{name}.{key}" for name, part in figures.items() if isinstance(part, Mapping) for key in part]
            raise RecipeError(f"the stop metric {self.config.metric!r} has no value; watched: {', '.join(known)}")
        return float(place)
