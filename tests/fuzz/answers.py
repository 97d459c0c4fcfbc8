# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that say something else than the vendor did: every field, every value, lists cut short."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

Path = tuple[Any, ...]

# --- any field, any value -------------------------------------------------------------------------

_LONG = "x" * 200_000


# Written as text, for that Python's own encoder does not go that deep.
_DEEP = {f"nested {levels} deep": "[" * levels + "]" * levels for levels in (60, 250, 900, 100_000)}

_ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    10**30,
    -(10**30),
    1e308,
    float("nan"),
    float("inf"),
    "",
    " ",
    "0",
    "null",
    "true",
    "Yes",
    "No",
    "200",
    "error",
    "success",
    "a.example.com",
    "A.EXAMPLE.COM.",
    "..",
    "*.example.com",
    "mün.example.com",
    "xn--a.example.com",
    "0001-01-01 00:00:00",
    "9999-12-31 23:59:59",
    "2026-02-30 00:00:00",
    "\ud800",
    "\x1b[31mred\x1b[0m\x07\x00",
    "\u202eright to left\u2028",
    "{{ 7 * 7 }}",
    "<html>",
    [],
    [None],
    [[]],
    {},
    {"valid": None},
    {"__ansible_type": "_AnsibleTaggedStr", "value": "x"},
    {"__ansible_unsafe": "x"},
    {"__ansible_vault": "x"},
    {"": ""},
)
_STATUSES = (
    200,
    201,
    204,
    206,
    400,
    401,
    403,
    404,
    409,
    418,
    422,
    429,
    500,
    501,
    502,
    503,
    504,
    599,
)


def alter(status: int, body: bytes, seed: int, *, secrets: Sequence[str] = ()) -> tuple[int, bytes]:
    """The answer with one to three fields of another value, in another shape, or gone."""
    rand = random.Random(seed)
    if rand.random() < 0.15:
        status = rand.choice(_STATUSES)
        if rand.random() < 0.7:
            return status, body
    try:
        value = json.loads(body)
    except ValueError:
        return status, body
    for _time in range(rand.choice((1, 1, 1, 2, 3))):
        value = _altered(value, rand, secrets)
    text = json.dumps(value, ensure_ascii=rand.random() < 0.5)
    for name, nested in _DEEP.items():
        text = text.replace(json.dumps(name), nested)
    return status, text.encode("utf-8", "surrogatepass")


def _altered(value: Any, rand: random.Random, secrets: Sequence[str]) -> Any:
    value = copy.deepcopy(value)
    path = rand.choice(list(_paths(value)))
    if not path:
        return _odd(rand, secrets)
    parent = value
    for step in path[:-1]:
        parent = parent[step]
    last = path[-1]
    what = rand.random()
    if what < 0.2:
        del parent[last]
    elif what < 0.3 and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[last]))
    elif what < 0.3 and isinstance(last, str):
        parent[rand.choice((last.upper(), last + " ", "__ansible_type"))] = parent.pop(last)
    else:
        parent[last] = _odd(rand, secrets)
    return value


def _odd(rand: random.Random, secrets: Sequence[str]) -> Any:
    what = rand.random()
    if what < 0.04:
        return _LONG
    if what < 0.08:
        return rand.choice(list(_DEEP))
    if what < 0.2 and secrets:
        secret = rand.choice(list(secrets))
        as_it_comes: Callable[[str], Any] = rand.choice(
            (
                str,
                quote,
                lambda text: {text: text},
                lambda text: [text],
                lambda text: f"cannot process {text}, sorry",
                lambda text: text.replace("+", " "),
            )
        )
        return as_it_comes(secret)
    return copy.deepcopy(rand.choice(_ODD))


def _paths(value: Any, above: Path = ()) -> list[Path]:
    """Where there is something, the whole included; of a long list the first few."""
    found = [above]
    if isinstance(value, dict):
        for key, item in value.items():
            found += _paths(item, (*above, key))
    elif isinstance(value, list):
        for number, item in enumerate(value[:3]):
            found += _paths(item, (*above, number))
    return found


# --- lists that are not whole -----------------------------------------------------------------------

CUTS = ("last_rows", "all_rows", "total_too_large", "start_ignored")


def cut_request(body: str, how: str) -> str:
    """The call as a server takes it that ignores `start`."""
    return re.sub(r"\bstart=\d+", "start=0", body) if how == "start_ignored" else body


def cut(body: bytes, how: str) -> bytes:
    """SendCloud's list with less in it than `total` says; what has no total is left as it is."""
    value = json.loads(body)
    info = value.get("info") if isinstance(value, dict) else None
    as_text = isinstance(info, str)
    if as_text:
        info = json.loads(info)
    if (
        not isinstance(info, dict)
        or "total" not in info
        or not isinstance(info.get("dataList"), list)
    ):
        return body
    rows = info["dataList"]
    if how == "last_rows":
        info["dataList"] = rows[:-1]
    elif how == "all_rows":
        info["dataList"] = []
    elif how == "total_too_large":
        info["total"] += 1
    value["info"] = json.dumps(info) if as_text else info
    return json.dumps(value, ensure_ascii=False).encode()
