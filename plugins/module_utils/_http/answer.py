# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A provider's answer, and reading its JSON. Private to this collection: no promise is made to others. No I/O here."""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass

# Beyond, nothing is kept: what is nested a thousand deep can be neither walked through nor shown.
DEEPEST = 64
# Longer whole numbers take Python ages, or are refused.
_LONGEST_NUMBER = 40
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Answer:
    """A provider's answer: the parsed JSON body, whatever the HTTP status."""

    http_status: int
    body: t.Any


def read_json(text: str) -> t.Any:
    """What a JSON text says, without lone surrogates: its escapes may spell them, no output can hold them.

    Numbers may be no numbers (``NaN``), and infinite where they are too large.

    :raises ValueError: for what is no JSON, and for what is nested too deep to be read.
    """
    try:
        return _readable(json.loads(text, parse_int=_whole), DEEPEST)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else float(digits)


def _readable(value: t.Any, levels: int) -> t.Any:
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, (list, dict)) and not levels:
        return None
    if isinstance(value, list):
        return [_readable(item, levels - 1) for item in value]
    if isinstance(value, dict):
        return {_readable(key, levels): _readable(item, levels - 1) for key, item in value.items()}
    return value
