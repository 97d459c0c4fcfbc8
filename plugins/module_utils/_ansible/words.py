# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages in the words of whoever wrote the options: a task, or variables of the role. Private; no I/O here.

Texts name an option as it is where it has an underscore (``api_url``), and as ``O(region)`` where it is
a usual word as well.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils._ansible.options import (
    connection_spec,
    dns_spec,
    set_spec,
    wait_spec,
)

_MARKED = re.compile(r"\bO\(([a-z_]+)\)")


def with_prefix(value: t.Any, prefix: str) -> t.Any:
    """``value`` with the options in its texts called ``prefix`` and their name.

    :param value: text, or what holds texts: a failure, actions.
    :param prefix: ``tracking_domain_`` in the role, else empty.
    """
    if isinstance(value, str):
        text = _MARKED.sub(rf"{prefix}\1", value)
        return prefixed(text, prefix, _plain_names()) if prefix else text
    if isinstance(value, list):
        return [with_prefix(item, prefix) for item in value]
    return value


def prefixed(text: str, prefix: str, names: t.Iterable[str]) -> str:
    """``text``, where those of ``names`` that are no usual words have the prefix."""
    odd = sorted((name for name in names if "_" in name), key=len, reverse=True)
    return re.sub(rf"(?<![\w.])({'|'.join(odd)})\b", rf"{prefix}\1", text) if odd else text


def _plain_names() -> set[str]:
    specs = (connection_spec(), dns_spec(""), set_spec(), wait_spec())
    return {name for spec in specs for name in spec}


def reworded(result: dict[str, t.Any], prefix: str) -> dict[str, t.Any]:
    """A module's result with its messages in the words of whoever wrote the options."""
    found = dict(result)
    for key in ("msg", "reason"):
        if isinstance(found.get(key), str):
            found[key] = with_prefix(found[key], prefix)
    if isinstance(found.get("failure"), dict):
        failure = found["failure"]
        found["failure"] = {**failure, "hint": with_prefix(failure.get("hint"), prefix)}
    if isinstance(found.get("actions"), list):
        found["actions"] = [reworded(action, prefix) for action in found["actions"]]
    return found
