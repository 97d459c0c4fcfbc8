# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A provider's answer, and reading its JSON. Private to this collection: no promise is made to others. No I/O here."""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Answer:
    """A provider's answer: the parsed JSON body, whatever the HTTP status."""

    http_status: int
    body: t.Any


def read_json(text: str) -> t.Any:
    """What a JSON text says, without lone surrogates: its escapes may spell them, no output can hold them.

    :raises ValueError: for anything else, and for what is nested too deep.
    """
    try:
        return _readable(json.loads(text))
    except RecursionError:
        raise ValueError("nested too deep") from None


def _readable(value: t.Any) -> t.Any:
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_readable(item) for item in value]
    if isinstance(value, dict):
        return {_readable(key): _readable(item) for key, item in value.items()}
    return value
