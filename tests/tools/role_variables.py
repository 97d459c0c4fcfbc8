# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the tables of variables in the role's README from its argument specs.

``generate.py`` writes them into the README.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROLE = Path(__file__).resolve().parents[2] / "roles" / "tracking_domain"
BEGIN = "<!-- begin of {} -->\n"
END = "<!-- end of {} -->"
MARKUP = re.compile(r"\b[A-Z]\(([^()]*)\)")


def entry_point() -> dict[str, Any]:
    """The role's entry point as its argument specs describe it."""
    found = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())
    main: dict[str, Any] = found["argument_specs"]["main"]
    return main


def specs() -> dict[str, Any]:
    """The options of the role's entry point."""
    options: dict[str, Any] = entry_point()["options"]
    return options


def tables() -> dict[str, str]:
    """What stands between the marks of each name."""
    options = specs()
    entry = options["tracking_domain_domains"]["options"]
    # A variable without a default has to be set; an entry's options are its own.
    return {"variables": _table(options, "**required**"), "domain": _table(entry, "")}


def filled(text: str) -> str:
    """The README with the tables as the argument specs have them."""
    for name, table in tables().items():
        begin, end = BEGIN.format(name), END.format(name)
        before, rest = text.split(begin)
        text = f"{before}{begin}{table}{end}{rest.split(end)[1]}"
    return text


def _table(options: dict[str, Any], without: str) -> str:
    lines = ["| Variable | Default | Meaning |", "|---|---|---|"]
    for name, option in options.items():
        lines.append(f"| `{name}` | {_default(option, without)} | {_meaning(option)} |")
    return "\n".join(lines) + "\n"


def _default(option: dict[str, Any], without: str) -> str:
    if "default" not in option:
        return without
    default = option["default"]
    return (
        ""
        if default == ""
        else f"`{str(default).lower() if default in (True, False) else default}`"
    )


def _meaning(option: dict[str, Any]) -> str:
    description = option["description"]
    text = description if isinstance(description, str) else " ".join(description)
    choices = [f"`{choice}`" for choice in option.get("choices", ()) if choice]
    if choices and not all(choice in MARKUP.sub(r"`\1`", text) for choice in choices):
        text += f" One of {', '.join(choices)}."
    return MARKUP.sub(r"`\1`", text).replace("|", "\\|")
