# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares what a module returned with what its documentation says that it returns."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailops.email.tests.unit.run_module import documentation

# Ansible's own.
COMMON = {"changed", "failed", "msg", "diff", "invocation", "warnings", "exception"}
ALWAYS = {"success", "when the provider could be asked"}
TYPES: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "list": list,
    "dict": dict,
}


def check_documented(module: str, result: dict[str, Any]) -> None:
    """Every key is documented, of the documented type, and there whenever it is said to be."""
    documented = documentation(module, "RETURN")
    given = {key: value for key, value in result.items() if key not in COMMON}
    if result.get("failed"):
        assert "failure" in given
        # A failure tells what else is known; whole where anything was asked.
        if set(given) == {"failure"}:
            documented = {"failure": documented["failure"]}
    else:
        assert "failure" not in given
    _compare(module, given, documented, failed=bool(result.get("failed")))


def _compare(where: str, given: dict[str, Any], documented: Any, *, failed: bool = False) -> None:
    unknown = set(given) - set(documented)
    assert not unknown, f"{where}: not documented: {sorted(unknown)}"
    due = {key for key, what in documented.items() if what["returned"] in ALWAYS}
    if failed:
        due |= {key for key, what in documented.items() if what["returned"] == "failure"}
    missing = due - set(given)
    assert not missing, f"{where}: not returned: {sorted(missing)}"
    for key, value in given.items():
        what = documented[key]
        if value is None:
            continue
        assert isinstance(value, TYPES[what["type"]]), f"{where}.{key}: {value!r}"
        items = value if isinstance(value, list) else [value]
        for item in items:
            if what["type"] == "list":
                assert isinstance(item, TYPES[what["elements"]]), f"{where}.{key}: {item!r}"
            if "contains" in what:
                _compare(f"{where}.{key}", item, what["contains"])
