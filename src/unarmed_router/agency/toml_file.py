"""TOML files checked against a pydantic schema, with every fault listed at once."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from unarmed_router.errors import ConfigurationError
from unarmed_router.fault_words import WORD_PATTERN, fault_words

__all__ = ["SchemaVersion", "Strict", "Word", "listed_faults", "read_toml", "validated"]

Word: TypeAlias = Annotated[str, Field(pattern=WORD_PATTERN)]
"""An id in a configuration file."""

# An int, not Literal[1], which true would equal.
SchemaVersion: TypeAlias = Annotated[int, Field(ge=1, le=1)]

M = TypeVar("M", bound=BaseModel)

_SHOWN_VALUE = 60


class Strict(BaseModel):
    """Base of every configuration schema: nothing unknown, nothing coerced, nothing infinite."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """Read a TOML file, with or without a byte order mark, and the SHA-256 of its text.

    Raises
    ------
    ConfigurationError
        The file is missing, is not UTF-8, or is no TOML.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(str(path), [f"cannot be read: {error.strerror}"]) from error
    except ValueError as error:  # a name that no file system has
        raise ConfigurationError(repr(str(path)), [f"cannot be read: {error}"]) from error
    try:
        # What another system's editor does, a byte order mark and its line ends, changes no digest.
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        return tomllib.loads(text), hashlib.sha256(text.encode()).hexdigest()
    except UnicodeDecodeError as error:
        byte = f"byte 0x{error.object[error.start]:02x} is no UTF-8"
        raise ConfigurationError(str(path), [f"{byte}; save the file as UTF-8"]) from error
    # TOMLDecodeError is a ValueError, and so are numbers of thousands of digits; thousands of
    # nested brackets exhaust the stack.
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(str(path), [f"is not TOML: {error}"]) from error


def validated(schema: type[M], document: dict[str, Any], source: str) -> M:
    """Check a document against its schema.

    Raises
    ------
    ConfigurationError
        Lists every fault with its path inside the file.
    """
    try:
        return schema.model_validate(document)
    except ValidationError as error:
        raise ConfigurationError(source, listed_faults(error)) from None


def listed_faults(error: ValidationError) -> list[str]:
    """Write each pydantic fault as ``path: rule (got value)``."""
    faults = []
    for item in error.errors(include_url=False):
        path = ".".join(_shortened(str(part)) for part in item["loc"]) or "document"
        value = _shortened(repr(item["input"]))
        got = "" if item["type"] == "missing" else f" (got {value})"
        faults.append(f"{path}: {fault_words(item)}{got}")
    return faults


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_VALUE else text[: _SHOWN_VALUE - 3] + "..."
