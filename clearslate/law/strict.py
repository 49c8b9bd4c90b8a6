"""Strict reading of YAML: every value knows its line, every surprise is a LawError with file and line.

Belongs here: turning YAML text into nodes that must be asked for what they are expected to hold. Does not belong here:
what a remedy or a policy consists of (remedy.py, policy.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from clearslate.errors import LawError, UsageError

Scalar = bool | int | float | str | dt.date | None


@dataclass(frozen=True)
class Passage:
    """A piece of a law file's text that is examined later than it is read, with the place where it stands."""

    text: str
    file: str
    line: int

    def error(self, message: str) -> LawError:
        """A LawError that names this passage's file and line."""
        return LawError(f"{self.file}:{self.line}: {message}")


class Node:
    """One value of a YAML file, with the place where it stands.

    Nothing is converted silently: a reader asks for text, a flag, a mapping with these keys, and gets that or a
    LawError. `12` is not text and `"12"` is not a number.
    """

    def __init__(self, file: str, node: yaml.Node, loader: yaml.CSafeLoader) -> None:
        self.file = file
        self.line = node.start_mark.line + 1
        self._node = node
        self._loader = loader

    def error(self, message: str) -> LawError:
        """A LawError that names this value's file and line."""
        return LawError(f"{self.file}:{self.line}: {message}")

    def entries(self) -> dict[str, Node]:
        """The values of a mapping by key, in the file's order. A key that stands twice is an error."""
        if not isinstance(self._node, yaml.MappingNode):
            raise self.error("expected a mapping (`key: value`)")
        entries: dict[str, Node] = {}
        for key_node, value_node in self._node.value:
            key = self._child(key_node)
            name = key.text()
            if name in entries:
                raise key.error(f"`{name}` stands twice")
            entries[name] = self._child(value_node)
        return entries

    def mapping(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Node]:
        """The values of a mapping that has all `required` keys and no other than the `optional` ones."""
        entries = self.entries()
        required = list(required)
        known = [*required, *optional]
        for name, value in entries.items():
            if name not in known:
                raise value.error(f"unknown key `{name}`; known here: {', '.join(known)}")
        for name in required:
            if name not in entries:
                raise self.error(f"missing key `{name}`")
        return entries

    def items(self, *, empty: bool = False) -> list[Node]:
        """The elements of a list; an empty one only where `empty` allows it."""
        if not isinstance(self._node, yaml.SequenceNode):
            raise self.error("expected a list")
        if not self._node.value and not empty:
            raise self.error("the list is empty")
        return [self._child(child) for child in self._node.value]

    def scalar(self) -> Scalar:
        """A single value as YAML reads it: text, number, date, true, false or null."""
        if not isinstance(self._node, yaml.ScalarNode):
            raise self.error("expected a single value")
        value = self._loader.construct_object(self._node)
        if isinstance(value, dt.datetime) or not isinstance(value, bool | int | float | str | dt.date | None):
            raise self.error("expected text, a number, a date, true, false or null")
        return value

    def text(self, *, blank: bool = False) -> str:
        """Text, stripped; an empty one only where `blank` allows it."""
        value = self.scalar()
        if not isinstance(value, str):
            raise self.error("expected text (put it in quotes)")
        if not blank and not value.strip():
            raise self.error("must not be blank")
        return value.strip()

    def texts(self) -> list[str]:
        """A list of texts, which may be empty."""
        return [item.text() for item in self.items(empty=True)]

    def passage(self, *, blank: bool = False) -> Passage:
        """Text together with its place."""
        return Passage(self.text(blank=blank), self.file, self.line)

    def flag(self) -> bool:
        """true or false."""
        value = self.scalar()
        if not isinstance(value, bool):
            raise self.error("expected true or false")
        return value

    def integer(self) -> int:
        """A whole number."""
        value = self.scalar()
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error("expected a whole number")
        return value

    def date(self) -> dt.date:
        """A date, YYYY-MM-DD."""
        value = self.scalar()
        if not isinstance(value, dt.date):
            raise self.error("expected a date YYYY-MM-DD")
        return value

    def choice(self, choices: Iterable[str]) -> str:
        """Text that is one of `choices`."""
        value, allowed = self.text(), list(choices)
        if value not in allowed:
            raise self.error(f"`{value}` is none of {', '.join(allowed)}")
        return value

    def _child(self, node: yaml.Node) -> Node:
        return Node(self.file, node, self._loader)


def read_text(path: Path) -> str:
    """The text of a law file. UsageError if it can't be opened, LawError if it isn't UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path.name}: cannot be read ({error.strerror or type(error).__name__})") from None
    except UnicodeDecodeError as error:
        raise LawError(f"{path.name}: not UTF-8 text (byte {error.start})") from None


def read_yaml(path: Path) -> Node:
    """The root node of a YAML file. UsageError if it can't be opened, LawError if it isn't YAML."""
    text = read_text(path)
    try:
        loader = yaml.CSafeLoader(text)
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise LawError(f"{path.name}:{line}: not valid YAML: {error.problem}") from None
    except yaml.YAMLError:
        raise LawError(f"{path.name}:1: not valid YAML: a character that may not stand in it") from None
    if root is None:
        raise LawError(f"{path.name}:1: the file is empty")
    return Node(path.name, root, loader)
