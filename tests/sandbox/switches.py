# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches: what the vendors' documents leave open, each with its possible answers.

A switch is set for a whole vendor or for one account; the account's setting wins. A name that does
not exist or a value that is not offered is refused, so that no test runs under a setting that it
did not get.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}


class UnknownSwitchError(ValueError):
    """No such switch, or no such value for it; the text says what there is."""


@dataclass(frozen=True)
class Switch:
    """One open question with its default answer.

    choices: all answers; none means any number, or true and false, as the default is one.
    """

    name: str
    default: str | bool | int | float
    meaning: str
    choices: tuple[str, ...] = ()

    def read(self, value: Any) -> str | bool | int | float:
        """Turn a value from JSON or from a command line into this switch's type."""
        text = str(value).lower()
        if self.choices:
            if text in self.choices:
                return text
            raise UnknownSwitchError(
                f"{self.name} is one of {', '.join(self.choices)}, not {value!r}"
            )
        if isinstance(self.default, bool):
            if text in _TRUE | _FALSE:
                return text in _TRUE
            raise UnknownSwitchError(f"{self.name} is true or false, not {value!r}")
        try:
            number = type(self.default)(text)
        except ValueError:
            raise UnknownSwitchError(f"{self.name} is a number, not {value!r}") from None
        if isinstance(number, str) or number < 0:
            raise UnknownSwitchError(f"{self.name} is a number from 0 up, not {value!r}")
        return number


COMMON = (
    Switch("latency_ms", 0, "how long the vendor takes for each call, in milliseconds"),
    Switch("list_lag", 0, "for how many list calls a domain just added is not listed yet"),
    Switch("delete_lag", 0, "for how many list calls a domain just deleted is still listed"),
    Switch("deletes_nothing", False, "a deletion is answered with success, and deletes nothing"),
    Switch("keeps_case", True, "names are kept as they were written, else in lower case"),
    Switch(
        "follows_chains", True, "a check follows a chain of CNAMEs, else it sees the first alone"
    ),
    Switch("negative_cache_seconds", 0.0, "how long a failed check is repeated from a cache"),
    Switch("negative_cache_checks", 0, "how many checks after a failed one come from a cache"),
    Switch("rate_limit", 0, "calls an account may make in each window; 0: any number"),
    Switch("rate_limit_seconds", 60.0, "the length of that window"),
)


class Switches:
    """The settings of one vendor, or of one account on top of its vendor's."""

    def __init__(self, definitions: Iterable[Switch], base: Switches | None = None) -> None:
        self.definitions = {switch.name: switch for switch in definitions}
        self._own: dict[str, Any] = {}
        maps: list[MutableMapping[str, Any]] = [self._own]
        maps += [base._own] if base else []
        maps.append({switch.name: switch.default for switch in self.definitions.values()})
        self._values: ChainMap[str, Any] = ChainMap(*maps)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def over(self) -> Switches:
        """An empty layer on top of this one."""
        return Switches(self.definitions.values(), base=self)

    def set(self, values: Mapping[str, Any]) -> None:
        """Set some; all or none of them."""
        read = {}
        for name, value in values.items():
            if name not in self.definitions:
                known = ", ".join(sorted(self.definitions))
                raise UnknownSwitchError(f"there is no switch {name!r}; there are: {known}")
            read[name] = self.definitions[name].read(value)
        self._own.update(read)

    def clear(self) -> None:
        self._own.clear()

    def as_dict(self) -> dict[str, Any]:
        return {name: self._values[name] for name in sorted(self.definitions)}
