# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PEM files and the blocks in them (RFC 7468). Private to this collection.

Needs no library: it is about files and text, not about what is in the blocks. No message holds any
part of the text.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
import typing as t

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError

MAX_SIZE = 1024 * 1024
"""Bytes; a certificate with a long chain has about 10,000."""

CERTIFICATES = ("CERTIFICATE", "X509 CERTIFICATE")
"""The labels of a certificate's block: today's and an old one."""

_BEGIN = "-----BEGIN "
_VAULT = "$ANSIBLE_VAULT;"
_KEY_MARK = "PRIVATE KEY-----"
# A key that is cut off is one as well.
_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(.*?)(?:-----END|\Z)", re.DOTALL)
_MARK = re.compile(r"-----(BEGIN|END) ([A-Z0-9 ]+)-----")
_THINGS = {
    "CERTIFICATE REQUEST": "a certificate request",
    "NEW CERTIFICATE REQUEST": "a certificate request",
    "PKCS7": "a PKCS#7 bundle",
    "PUBLIC KEY": "a public key",
    "OPENSSH PRIVATE KEY": "a private key in OpenSSH's own format",
}


def invalid(message: str, hint: str | None = None) -> TrackingError:
    return TrackingError("validation", message, hint=hint)


def key_parts(text: str) -> t.Iterator[str]:
    """What must not be shown where ``text`` has a private key in it: all of it, and each line of the key.

    With the lines, a key is known again where it is wrapped otherwise or stands in a longer text.
    Headers of a block (RFC 1421) are no secrets.
    """
    if _KEY_MARK not in text:
        return
    yield text
    for body in _KEY.findall(_with_line_breaks(text)):
        lines = re.findall(r"[A-Za-z0-9+/=]{4,}", re.sub(r"(?m)^.*:.*$", "", body))
        yield from lines
        yield from _lines("".join(lines))


def read_pem(path: str, *, secret: bool) -> str:
    """The text of a PEM file on this host. A link is followed, and the file it leads to is judged.

    :param secret: a private key: refused where others than its owner and group have any access to it.
    :raises TrackingError: ``validation``: missing, unreadable, too open, empty, too
        large, not text, without a PEM block.
    """
    option = "private_key" if secret else "certificate"
    what = option.replace("_", " ")
    if "\n" in path or "\r" in path or "-----BEGIN" in path:
        raise invalid(
            f"{option}_path is PEM text, but it must be the path of a file",
            f"Give text as {option}.",
        )
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise invalid(
                    f"the {what} path {path} is not a file", "Give the path of a PEM file."
                )
            data = file.read(MAX_SIZE + 1)
    except (OSError, ValueError) as exc:
        raise _unreadable(path, exc, what) from None
    if len(data) > MAX_SIZE:
        raise invalid(
            f"the {what} file {path} is larger than {MAX_SIZE} bytes, so it is not a {what}",
            "Check the path.",
        )
    if not data.strip():
        raise invalid(f"the {what} file {path} is empty", "Check the job that writes it.")
    text = _text(path, data, what)
    if _BEGIN not in text:
        raise _no_pem(f"the {what} file {path}", text, option, path)
    if secret:
        _check_mode(path, mode)
    return text


def _open_at_once(path: str, flags: int) -> int:
    """Non-blocking, lest a named pipe without a writer hang the task."""
    return os.open(path, flags | os.O_NONBLOCK)


def _check_mode(path: str, mode: int) -> None:
    """Refuse a private key that everybody can get at. A group is there on purpose (``ssl-cert``)."""
    if mode & stat.S_IRWXO:
        real = os.path.realpath(path)
        raise invalid(
            f"the private key file {real} is accessible to other users (mode "
            f"{stat.S_IMODE(mode):04o})",
            f"Run: chmod o= {shlex.quote(real)}",
        )


def _unreadable(path: str, exc: OSError | ValueError, what: str) -> TrackingError:
    if isinstance(exc, FileNotFoundError):
        link = f" (a link to {os.path.realpath(path)})" if os.path.islink(path) else ""
        return invalid(
            f"the {what} file {path}{link} does not exist on the host that runs the module",
            "Give a path on that host, or the PEM text itself.",
        )
    if isinstance(exc, PermissionError):
        return invalid(
            f"the {what} file {path} is not readable for the user who runs the module "
            f"(uid {os.geteuid()})",
            "Run the task as the file's owner (become), or change the file's owner.",
        )
    # A ValueError is a NUL character in the path.
    why = os.strerror(exc.errno) if isinstance(exc, OSError) and exc.errno else "it is no path"
    return invalid(f"the {what} file {path!r} cannot be read: {why}", "Check the path.")


def _text(path: str, data: bytes, what: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # PEM itself is ASCII; comments around it may be in any encoding.
        text = data.decode("latin-1")
        if _BEGIN not in text:
            text = "\0"
    if "\0" in text:
        tool = "x509" if what == "certificate" else "pkey"
        raise invalid(
            f"the {what} file {path} is not text, so it is not PEM",
            f"For a DER file run: openssl {tool} -inform DER -in FILE -out FILE.pem",
        )
    return text


def _no_pem(source: str, text: str, option: str, path: str | None = None) -> TrackingError:
    """The refusal of a text without any PEM block.

    :param source: what the text is, for the message.
    :param path: of the file that it was read from, if it was.
    """
    if text.lstrip().startswith(_VAULT):
        return invalid(
            f"{source} is encrypted with Ansible Vault, which a module cannot decrypt",
            f"Let Ansible decrypt it, on the controller: set {option} to "
            f"\"{{{{ lookup('ansible.builtin.file', '{path or 'PATH'}') }}}}\"",
        )
    hint = "Check the path, and the job that writes the file."
    if path is None:
        hint = f"Give the whole text of the PEM file. For the path of a file use {option}_path."
    return invalid(f"{source} is not PEM text: it has no line -----BEGIN ...-----", hint)


class Block(t.NamedTuple):
    """One PEM block: its label, e.g. ``CERTIFICATE``, and what stands between its two lines."""

    label: str
    body: str

    @property
    def is_key(self) -> bool:
        return self.label.endswith("PRIVATE KEY")

    @property
    def is_encrypted(self) -> bool:
        """PKCS#8's way, by the label, or the traditional way, by a header (RFC 1421, 4.6.1.1)."""
        return self.is_key and (
            self.label.startswith("ENCRYPTED")
            or re.search("Proc-Type:.*ENCRYPTED", self.body) is not None
        )

    @property
    def base64(self) -> str:
        """The content without white space, which YAML may have folded."""
        return "".join(self.body.split())

    @property
    def pem(self) -> str:
        """The block as it should be: lines of 64 characters, plain newlines, a final one."""
        return "\n".join(
            [
                f"-----BEGIN {self.label}-----",
                *_lines(self.base64),
                f"-----END {self.label}-----",
                "",
            ]
        )

    def __str__(self) -> str:
        """What the block is, for a message."""
        return _THINGS.get(self.label, f"a block of another kind ({self.label})")

    def __repr__(self) -> str:
        return f"Block({self.label})"


def _lines(base64: str) -> list[str]:
    """Of 64 characters each, as RFC 7468 has them."""
    return [base64[start : start + 64] for start in range(0, len(base64), 64)]


def _with_line_breaks(text: str) -> str:
    """Environment variables and one-line YAML strings often carry \\n as two characters."""
    return text.replace("\\r", "").replace("\\n", "\n")


def blocks(text: str, *, option: str) -> list[Block]:
    """The PEM blocks in a text, at least one, whatever stands between them.

    :param option: the module's option that the text came from, e.g. ``private_key``.
    """
    what = option.replace("_", " ")
    text = _with_line_breaks(text)
    found = list(_blocks(text))
    begun = text.count(_BEGIN)
    if not begun:
        raise _no_pem(f"the {what}", text, option)
    if begun > len(found):
        raise invalid(
            f"the {what} is cut off: a block begins and does not end",
            "Give the whole text, from the first -----BEGIN line to the last -----END line.",
        )
    return found


def _blocks(text: str) -> t.Iterator[Block]:
    """Those that end, in one pass however many do not: at the next mark ``END`` of their label."""
    begin: re.Match[str] | None = None
    for mark in _MARK.finditer(text):
        if begin is None:
            begin = mark if mark[1] == "BEGIN" else None
        elif mark[1] == "END" and mark[2] == begin[2]:
            yield Block(begin[2], text[begin.end() : mark.start()])
            begin = None
