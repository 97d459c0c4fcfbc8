# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking secrets out of text. Private to this collection: no promise is made to others. No I/O here."""

from __future__ import annotations

import html
import json
import re
import typing as t
from urllib.parse import quote, quote_plus

MASK = "********"


class Redactor:
    """Takes known secrets out of text, in the spellings that a message may carry them in."""

    def __init__(self, secrets: t.Iterable[str]) -> None:
        self._spellings: list[str] = []
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Take these out as well from now on."""
        spellings = {
            spelling for secret in secrets if secret.strip() for spelling in _spellings(secret)
        }
        # The longest first: one secret may be a part of another.
        self._spellings = sorted(spellings.union(self._spellings), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for spelling in self._spellings:
            text = text.replace(spelling, MASK)
        return text


def _spellings(secret: str) -> t.Iterator[str]:
    """A secret as it is, and as JSON, forms, URLs and HTML write it."""
    # A file's final line break may be lost on the way; and some encoders write "/" as "\\/".
    for text in (secret, secret.strip()):
        escaped = [json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]]
        yield from (text, " ".join(text.split()), html.escape(text), *escaped)
        yield from (spelling.replace("/", "\\/") for spelling in escaped)
        # What is not UTF-8 is never sent, but it may be an option, and then it is in Ansible's log.
        octets = text.encode("utf-8", "surrogatepass")
        for quoted in (quote(octets), quote(octets, safe=""), quote_plus(octets)):
            yield quoted
            yield re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), quoted)
