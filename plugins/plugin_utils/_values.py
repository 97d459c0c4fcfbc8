# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of variables, by what an option's spec says of them. No I/O here.

Private to this collection: no promise is made to others. Ansible itself is as strict, but it answers for
a module, and with that module's options.
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils._declared import blank

# As ansible.builtin.bool takes them.
_ON = ("yes", "on", "1", "true", "y", "t")
_OFF = ("no", "off", "0", "false", "n", "f")


def typed(value: t.Any, option: t.Mapping[str, t.Any]) -> t.Any:
    """A value as an option takes it; what is blank is None.

    :param option: of a module's argument spec: ``type``, and ``choices`` where there are some.
    :raises ValueError: it makes no sense there; its text says what the value must be.
    """
    if blank(value):
        return None
    made = _TYPES[option["type"]](value)
    choices = option.get("choices")
    if choices and made not in choices:
        raise ValueError(f"one of {', '.join(choices)}")
    return made


def switch(value: t.Any, default: t.Any) -> t.Any:
    """A boolean, as text too; ``default`` where it is not set.

    :raises ValueError: it is no boolean.
    """
    return default if blank(value) else _boolean(value)


def _boolean(value: t.Any) -> bool:
    word = str(value).strip().lower()
    if word not in (*_ON, *_OFF):
        raise ValueError("true or false")
    return word in _ON


def _number(value: t.Any) -> float:
    try:
        number = -1.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = -1.0
    # Written so that it holds for "not a number" as well.
    if not 0 <= number < float("inf"):
        raise ValueError("a number, 0 or more")
    return int(number) if number == int(number) else number


def _whole_number(value: t.Any) -> int:
    try:
        number = _number(value)
    except ValueError:
        number = 0.5
    if number != int(number):
        raise ValueError("a whole number, 0 or more")
    return int(number)


def _text(value: t.Any) -> str:
    if not isinstance(value, str):
        raise ValueError("text, in quotes where YAML reads it as something else")
    return value


def texts(value: t.Any) -> list[str]:
    """A list, also as text with an item a line or commas between: a survey has no lists."""
    if isinstance(value, str):
        value = value.replace(",", "\n").split("\n")
    if isinstance(value, t.Mapping) or not isinstance(value, t.Iterable):
        raise ValueError("a list")
    return [str(item).strip() for item in value if not blank(item)]


_TYPES: dict[str, t.Callable[[t.Any], t.Any]] = {
    "bool": _boolean,
    "float": _number,
    "int": _whole_number,
    "list": texts,
    "path": _text,
    "str": _text,
}
