"""Faults of several files, gathered so that all are told at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from unarmed_router.errors import ConfigurationError

__all__ = ["Broken"]

T = TypeVar("T")


class Broken:
    """Gathers what is wrong with files that are read together.

    Parameters
    ----------
    source : str
        What the files belong to, as the user named it.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._errors: list[ConfigurationError] = []

    def add(self, error: ConfigurationError) -> None:
        """Keep the faults of one file."""
        self._errors.append(error)

    def collect(self, read: Callable[[], T]) -> T | None:
        """Read a file; None when it is broken, and its faults are kept."""
        try:
            return read()
        except ConfigurationError as error:
            self.add(error)
            return None

    def refuse(self) -> None:
        """Raise everything gathered, if anything was.

        Raises
        ------
        ConfigurationError
            Of one file its own error; of several one whose faults begin with their file.
        """
        if len(self._errors) == 1:
            raise self._errors[0]
        if self._errors:
            faults = [
                fault if error.source == self.source else f"{error.source}: {fault}"
                for error in self._errors
                for fault in error.faults
            ]
            raise ConfigurationError(self.source, faults)
