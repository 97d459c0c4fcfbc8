# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation of several modules says alike: from ``module_docs.yml``, which people edit.

A documentation fragment can hold neither return values nor suboptions. ``generate.py`` writes these
texts into the modules.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

Block = dict[str, Any]

_TEXTS: Block = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text())
_OPTION = re.compile(r"\bO\((\w+)")


def modules(to_yaml: Callable[..., str]) -> dict[str, dict[str, str]]:
    """Each module with what stands between its marks."""

    def options(block: Block, indent: int = 2) -> str:
        return to_yaml(block, indent=indent)

    def values(block: Block) -> str:
        return to_yaml(block, indent=4)

    failure = to_yaml({"failure": _TEXTS["failure"]})
    one = _tracking_domain()
    one["dns"] = {
        "description": "As RV(dns).",
        "type": "dict",
        "returned": _TEXTS["dns"]["returned"],
    }
    info = _tracking_domain(dns=_TEXTS["dns"], tls=_TEXTS["tls"])
    info["certificate"]["description"] += _TEXTS["certificate_read_only"]
    dns_check = {"dns_check": _TEXTS["dns_check"]}
    return {
        "tracking_domain": {
            "options": options(_TEXTS["options"] | dns_check),
            "values": values(one),
            "dns": to_yaml({"dns": _TEXTS["dns"]}),
            "failure": failure,
        },
        "tracking_domains": {
            "suboptions": options(_in_list(_TEXTS["options"]), indent=6),
            "options": options(_in_list(dns_check)),
            "values": values(_in_list(_tracking_domain(dns=_TEXTS["dns"]))),
            "failure": to_yaml({"failure": _failure_of_set()}),
        },
        "tracking_domain_info": {"values": values(info), "failure": failure},
    }


def _tracking_domain(**more: Block) -> Block:
    return copy.deepcopy(_TEXTS["tracking_domain"] | more)


def _failure_of_set() -> Block:
    failure: Block = copy.deepcopy(_TEXTS["failure"])
    failure["contains"]["code"]["description"] += _TEXTS["code_of_set"]
    return failure


def _in_list(value: Any) -> Any:
    """The same, where a domain's options are those of an entry of ``domains``."""
    if isinstance(value, dict):
        return {key: _in_list(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_in_list(item) for item in value]
    if isinstance(value, str):
        return _OPTION.sub(_of_entry, value)
    return value


def _of_entry(found: re.Match[str]) -> str:
    return f"O(domains[].{found[1]}" if found[1] in _TEXTS["options"] else found[0]
