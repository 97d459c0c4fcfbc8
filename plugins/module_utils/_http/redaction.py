# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking secrets out of text. Private to this collection: no promise is made to others. No I/O here."""

from __future__ import annotations

import html
import json
import re
import typing as t
from urllib.parse import quote, quote_plus, unquote, unquote_plus

MASK = "********"
_JSON_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
# How often text may have been quoted, one way within another.
_QUOTED_AT_MOST = 3
_BLANKS = {"n": "\n", "r": "\r", "t": "\t"}
_LOOKED_AT = 64 * 1024
# A private key in percent-encoding, and more.
_LONGEST_SECRET = 16 * 1024


class Redactor:
    """Takes known secrets out of text, in the spellings that a message may carry them in.

    Of text that hides one in any other way of JSON, URLs and HTML, nothing is left.
    """

    def __init__(self, secrets: t.Iterable[str]) -> None:
        self._secrets: set[str] = set()
        self._spellings: list[str] = []
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Take these out as well from now on."""
        self._secrets.update(secret.strip() for secret in secrets if secret.strip())
        spellings = {
            spelling for secret in secrets if secret.strip() for spelling in _spellings(secret)
        }
        # The longest first: one secret may be a part of another.
        self._spellings = sorted(spellings.union(self._spellings), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for spelling in self._spellings:
            text = text.replace(spelling, MASK)
        return MASK if self._hides_one(text) else text

    def beginning(self, text: str, most: int) -> str:
        """The first ``most`` characters of what may be long, without secrets."""
        if len(text) <= _LOOKED_AT:
            return self(text)[:most]
        # Redacted before it is cut, and cut again: half a secret would not be recognised.
        return self(text[:_LOOKED_AT])[:-_LONGEST_SECRET][:most]

    def _hides_one(self, text: str) -> bool:
        if not any(sign in text for sign in "%&\\"):
            return False
        known, found = {text}, {text}
        for _time in range(_QUOTED_AT_MOST):
            found = {undo(each) for each in found for undo in _UNQUOTED} - known
            if any(secret in each for each in found for secret in self._secrets):
                return True
            known |= found
        return False


def _without_escapes(text: str) -> str:
    def char(escape: re.Match[str]) -> str:
        number = escape[1] or escape[2]
        return chr(int(number, 16)) if number else _BLANKS.get(escape[3], escape[3])

    return _JSON_ESCAPE.sub(char, text)


_UNQUOTED: tuple[t.Callable[[str], str], ...] = (
    unquote,
    unquote_plus,
    html.unescape,
    _without_escapes,
)


def _spellings(secret: str) -> t.Iterator[str]:
    """A secret as it is, and as JSON, forms, URLs and HTML write it."""
    # A file's final line break may be lost on the way; and some encoders write "/" as "\\/".
    for text in (secret, secret.strip()):
        escaped = [json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]]
        markup = html.escape(text)
        yield from (text, " ".join(text.split()), markup, *escaped)
        yield markup.replace("&#x27;", "&#039;")  # as PHP writes it
        yield from (spelling.replace("/", "\\/") for spelling in escaped)
        # What is not UTF-8 is never sent, but it may be an option, and then it is in Ansible's log.
        octets = text.encode("utf-8", "surrogatepass")
        for quoted in (quote(octets), quote(octets, safe=""), quote_plus(octets)):
            yield quoted
            yield re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), quoted)
