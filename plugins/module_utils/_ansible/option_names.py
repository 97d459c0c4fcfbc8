# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options in messages, called as the user wrote them: in a task, or as variables of the role.

Our texts write an option as it is if it has an underscore (``api_url``), and as ``O(region)`` if it is a
usual word as well. A provider's own words are quoted as they are. Private; no I/O here.
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

# A name within a path, a host name or a longer name is no option.
_NAME = r"(?<![\w./-])(?P<name>{names})(?![\w/-]|\.\w)"
_MARKED = r"\bO\((?P<marked>[a-z_]+)\)"


def with_prefix(text: str, prefix: str, quoted: t.Iterable[str] = ()) -> str:
    """``text`` with the prefix before each option.

    :param prefix: ``tracking_domain_`` in the role, else empty.
    :param quoted: words of others in the text, which stay as they are.
    """
    return _renamed(text, prefix, _options() if prefix else (), quoted)


def prefixed(text: str, prefix: str, names: t.Iterable[str]) -> str:
    """``text``, where options that are marked, and those of ``names`` that are no usual words, have the prefix."""
    return _renamed(text, prefix, names, ())


def reworded(result: dict[str, t.Any], prefix: str) -> dict[str, t.Any]:
    """A module's result, with the options in its messages called as the user wrote them."""
    return _reworded(result, prefix, list(_vendor_messages(result)))


def _reworded(result: dict[str, t.Any], prefix: str, quoted: t.Sequence[str]) -> dict[str, t.Any]:
    found = dict(result)
    for key in ("msg", "reason", "hint"):
        if isinstance(found.get(key), str):
            found[key] = with_prefix(found[key], prefix, quoted)
    if isinstance(found.get("failure"), dict):
        found["failure"] = _reworded(found["failure"], prefix, quoted)
    if isinstance(found.get("actions"), list):
        found["actions"] = [_reworded(action, prefix, quoted) for action in found["actions"]]
    return found


def _vendor_messages(result: dict[str, t.Any]) -> t.Iterator[str]:
    for each in (result, *(result.get("actions") or ())):
        message = (each.get("failure") or {}).get("vendor_message")
        if message:
            yield message


def _renamed(text: str, prefix: str, names: t.Iterable[str], quoted: t.Iterable[str]) -> str:
    parts = [rf"(?<!\w){re.escape(each)}(?!\w)" for each in _longest_first(quoted)]
    parts.append(_MARKED)
    odd = _longest_first(name for name in names if "_" in name)
    if odd:
        parts.append(_NAME.format(names="|".join(odd)))

    def rename(found: re.Match[str]) -> str:
        name = found.groupdict().get("name") or found.groupdict().get("marked")
        return f"{prefix}{name}" if name else found[0]

    return re.sub("|".join(parts), rename, text)


def _longest_first(texts: t.Iterable[str]) -> list[str]:
    return sorted(set(texts), key=len, reverse=True)


def _options() -> set[str]:
    specs = (connection_spec(), dns_spec(""), set_spec(), wait_spec())
    return {name for spec in specs for name in spec}
