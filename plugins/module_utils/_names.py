# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Host names: the one form that is compared and sent, and how messages show them. Private to this collection."""

from __future__ import annotations

import contextlib
import fnmatch
import re
import string
import typing as t
from dataclasses import dataclass

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError

try:
    import idna
except ImportError:
    idna = None  # type: ignore[assignment]

_LONGEST_QUOTED = 60
_PEM = "PEM text"
_LONGEST_NAME = 253
_LONGEST_PATTERN = 4 * _LONGEST_NAME  # with sets of characters
_FULL_STOPS = "[.\u3002\uff0e\uff61]"
_WILD = frozenset("*?[]")
_HOST_CHARACTERS = f"{string.ascii_lowercase}{string.digits}-_."
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)


def normalise_name(name: str) -> str:
    """A host name in the one form that is compared and sent: lower case, no final dot, punycode.

    Limits are those of RFC 1035, section 2.3.4 (labels of 63 octets; 255 on the wire, which is 253
    characters). An underscore is let through: providers accept it; the preflight warns of it.

    :raises TrackingError: ``validation``, saying what is wrong with the name.
    """

    def refuse(
        why: str, hint: str = "Give a host name such as track.example.com."
    ) -> TrackingError:
        return _no_host_name(name, why, hint)

    if not isinstance(name, str) or not name.strip():
        raise refuse("it is empty")
    if "://" in name or "/" in name:
        raise refuse(
            "it is a URL or a path",
            "Give the host name alone, without https:// and without a path.",
        )
    if any(char.isspace() for char in name):
        raise refuse("it has white space in it")
    if "*" in name:
        raise refuse("wildcards are not possible", "Declare each tracking domain by its full name.")
    if "@" in name:
        raise refuse(
            "it is an e-mail address", "Give the host name in the links, e.g. track.example.com."
        )
    if ":" in name:
        raise refuse("it has a port or is an IPv6 address")
    text = name[:-1] if name.endswith(".") else name
    typed = re.split(_FULL_STOPS, text)
    labels = [_ascii_label(label) for label in typed]
    if "" in labels:
        raise refuse("it has an empty label (a dot too many)")
    plain = []
    for given, label in zip(typed, labels):
        if label is None:
            raise refuse("it has a character that no international host name may have")
        if len(label) > 63:
            form = "" if given.isascii() else " as punycode"
            raise refuse(
                f"the label {given[:20]!r}... is {len(label)} characters long{form}, more than 63"
            )
        if not _LABEL.fullmatch(label):
            raise refuse(
                f"the label {label!r} has a character other than letters, digits and inner hyphens"
            )
        plain.append(label)
    whole = ".".join(plain)
    if len(whole) > _LONGEST_NAME:
        raise refuse(f"it is {len(whole)} characters long, more than {_LONGEST_NAME}")
    if len(plain) < 2:
        raise refuse("it has only one label")
    if "".join(plain).isdigit():
        raise refuse("it is an IP address")
    return whole


def _no_host_name(name: t.Any, why: str, hint: str) -> TrackingError:
    shown = quoted(name)
    if shown == _PEM:
        why = "it is a certificate or a key"
    return TrackingError("validation", f"{shown} is not a host name: {why}", hint=hint)


def quoted(name: t.Any) -> str:
    """A name for a message, cut; of PEM text nothing, for that it may be a private key."""
    text = str(name)
    if has_pem(text):
        return _PEM
    return repr(text if len(text) <= _LONGEST_QUOTED else text[:_LONGEST_QUOTED] + "...")


def has_pem(text: str) -> bool:
    """Whether there is PEM text in it, which may be a private key."""
    return "-----BEGIN" in text or "-----END" in text


def few(names: t.Sequence[str], most: int = 5) -> str:
    """Names in a message, no more than a reader wants: ``a, b and 7 more``."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def _ascii_label(label: str) -> str | None:
    """One label in lower-case ASCII, international ones as punycode (RFC 5891); None if it cannot be.

    What is only too long is returned all the same, for the caller to say so.

    :raises TrackingError: ``dependency`` where the idna library is missing, which requests brings along.
    """
    if label.isascii():
        return label.lower()
    library = _need_idna(label)
    mapped = label
    try:
        mapped = library.uts46_remap(label, std3_rules=False, transitional=False)
        return str(library.alabel(mapped).decode("ascii")).lower()
    except library.IDNAError as exc:
        if "too long" not in str(exc).lower():
            return None
        return mapped if mapped.isascii() else f"xn--{mapped.encode('punycode').decode('ascii')}"
    except UnicodeError:
        return None


def _need_idna(name: str) -> t.Any:
    """The library for international names.

    :raises TrackingError: ``dependency``.
    """
    if idna is None:
        raise TrackingError(
            "dependency",
            f"the Python library idna is needed for the international name {quoted(name)}",
            hint="Install it (pip install idna), or give the name as punycode (xn--...).",
        )
    return idna


def unicode_name(name: str) -> str:
    """A normalised name as people write it: its international labels in their own script."""
    return ".".join(_unicode_label(label) for label in name.split("."))


def _unicode_label(label: str) -> str:
    if idna is None or not label.startswith("xn--"):
        return label
    try:
        return str(idna.ulabel(label))
    except UnicodeError:
        return label


@dataclass(frozen=True)
class NamePattern:
    """A glob pattern that names are held against: as people write it, and as punycode."""

    forms: frozenset[str]

    @classmethod
    def parse(cls, typed: str) -> NamePattern:
        """:raises TrackingError: ``validation`` for one that no host name can fit."""
        text = re.sub(_FULL_STOPS, ".", typed)
        labels = _mapped(text[:-1] if text.endswith(".") else text).split(".")
        if not _can_match(".".join(labels)):
            raise TrackingError(
                "validation",
                f"{quoted(typed)} in purge_exclude is a pattern that cannot match a host name",
                hint="Give patterns for whole host names: * stands for any characters, ? for one, "
                "e.g. *.example.com.",
            )
        return cls(
            frozenset(
                ".".join(form(label) if _WILD.isdisjoint(label) else label for label in labels)
                for form in (_unicode_label, lambda label: _ascii_label(label) or label)
            )
        )

    def matches(self, name: str) -> bool:
        """:param name: normalised."""
        return any(
            fnmatch.fnmatchcase(spelling, form)
            for spelling in (name, unicode_name(name))
            for form in self.forms
        )


def name_patterns(texts: t.Iterable[str]) -> tuple[NamePattern, ...]:
    """The patterns in a list, or in text where commas, blanks or line breaks are between them.

    :raises TrackingError: ``validation`` for one that no host name can fit.
    """
    words = (word for text in texts for word in re.split(r"[\s,]+", text))
    return tuple(NamePattern.parse(word) for word in words if word)


def _mapped(pattern: str) -> str:
    """In lower case and one spelling, as the names are that it is held against (UTS 46)."""
    if pattern.isascii():
        return pattern.lower()
    try:
        return str(_need_idna(pattern).uts46_remap(pattern, std3_rules=False, transitional=False))
    except UnicodeError:
        return ""


def _can_match(pattern: str) -> bool:
    """Whether there is a host name that fits: one is made up, in several ways."""
    if len(pattern) > _LONGEST_PATTERN:
        return False
    parts = re.findall(r"\*+|\?|\[!?\]?[^\]]*\]|.", pattern, re.DOTALL)
    if sum(part[0] != "*" for part in parts) > _LONGEST_NAME:
        return False
    made = [part if len(part) == 1 else _one_of(part) for part in parts]
    unclear = [number for number, part in enumerate(parts) if part == "?"]
    for many in ("a", "", "a.a", ".a", "a."):
        for dot in (-1, *unclear):
            name = [many if part[0] == "*" else part for part in made]
            for number in unclear:
                name[number] = "." if number == dot else "a"
            with contextlib.suppress(TrackingError):
                normalise_name("".join([*name, "."]))
                return True
    return False


def _one_of(part: str) -> str:
    """A character that fits such a part of a pattern, one for host names if there is any."""
    if part[0] == "*":
        return "*"
    fitting = (char for char in _HOST_CHARACTERS + part if fnmatch.fnmatchcase(char, part))
    return next(fitting, part)


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same host: whole, without case, with or without the final dot."""
    return one.rstrip(".").lower() == other.rstrip(".").lower()
