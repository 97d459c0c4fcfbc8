# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an account has, as the role's list of declared domains. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import json
import re
import typing as t
from collections import Counter

import yaml

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import (
    normalise_name,
    unicode_name,
)
from ansible_collections.mailops.email.plugins.plugin_utils._audit.text import printable

Data = t.Dict[str, t.Any]


def as_declared(host: str, domains: t.Sequence[Data]) -> str:
    """YAML that declares each domain as it is, so that the role has nothing to change.

    What cannot be declared is there as a comment that says why.

    :param domains: from ``tracking_domain_info``.
    """
    lines = [
        "---",
        f"# The tracking domains of {printable(host)}, for the role mailops.email.tracking_domain.",
        "# Put this among the variables of the host, beside those that say which account it is.",
    ]
    times = Counter(_same(domain["name"]) for domain in domains)
    entries: list[str] = []
    declared = 0
    for domain in sorted(domains, key=lambda one: str(one["name"])):
        why = _why_not(domain["name"], times)
        entry = _entry(domain)
        if why:
            entry = [f"# {line}" for line in entry]
        declared += not why
        entries += [f"  # {note}" for note in ([why] if why else []) + _notes(domain)]
        entries += [f"  {line}" for line in entry]
    lines.append("tracking_domain_domains:" if declared else "tracking_domain_domains: []")
    return "\n".join([*lines, *entries]) + "\n"


def _entry(domain: Data) -> list[str]:
    lines = [f"- name: {_scalar(domain['name'])}"]
    zone = (domain.get("dns") or {}).get("zone")
    if zone:
        lines.append(f"  zone: {_scalar(zone)}")
    if not domain["verified"]:
        lines.append("  verify: false")
    return lines


def _notes(domain: Data) -> list[str]:
    """What is worth to know of it, each a line."""
    notes = []
    readable = unicode_name(str(domain["name"]))
    if readable != domain["name"]:
        notes.append(readable)
    if not domain["verified"]:
        notes.append("Not verified. Without verify: false, the role has it verified.")
    dns = domain.get("dns")
    if dns and dns["status"] != "ok":
        notes.append(f"Live DNS: {dns['status']}. {dns['reason']}")
    certificate = domain.get("certificate")
    if certificate:
        notes.append(
            f"Certificate: {certificate['days_left']} days left, until {certificate['not_after']}."
        )
    # Each is one line, whatever is in it.
    return [printable(" ".join(note.split())) for note in notes]


def _why_not(name: str, times: t.Mapping[str, int]) -> str | None:
    """Why the role cannot take the name; None where it can."""
    if times[_same(name)] > 1:
        return "The account has this name more than once, so that it cannot be declared."
    try:
        normalise_name(name)
    except TrackingError as exc:
        return printable(f"It cannot be declared: {exc.message}.")
    return None


def _same(name: str) -> str:
    try:
        return normalise_name(name)
    except TrackingError:
        return name


def _scalar(text: str) -> str:
    """Text as YAML has it, quoted only where it must be."""
    plain = re.fullmatch(r"[a-z0-9_][a-z0-9_.-]*", text) and yaml.safe_load(text) == text
    return text if plain else json.dumps(text)
