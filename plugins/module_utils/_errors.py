# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one family of exceptions. Private to this collection: no promise is made to others.

Everything below the module layer raises ``TrackingError`` or one of its kinds; only ``_ansible/module.py``
turns one into an answer for Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils._text import readable, words

# The values of ``failure.code``: a contract, documented in the modules' return values.
CODES = (
    "authentication",
    "validation",
    "quota",
    "rate_limited",
    "not_found",
    "conflict",
    "network",
    "bad_response",
    "unsupported",
    "dangling",
    "in_use",
    "not_verified",
    "purge_limit",
    "partial",
    "dependency",
)


class TrackingError(Exception):
    """Something could not be done, told for people and for machines.

    :param code: one of ``CODES``.
    :param message: one sentence without a full stop: what went wrong, in our words.
    :param operation: what was being done, as a phrase that follows "could not", e.g.
        ``add tracking domain track.example.com``; empty when nothing was being done yet.
    :param provider: the value of the option ``provider``, or None.
    :param vendor_code: the provider's own code or kind, as it sent it.
    :param vendor_message: the provider's own words.
    :param http_status: of the answer, where there was one.
    :param hint: what to do next, one or two sentences.
    :param details: lines that follow the message, e.g. what each name server answered.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        operation: str = "",
        provider: str | None = None,
        vendor_code: str | int | None = None,
        vendor_message: str | None = None,
        http_status: int | None = None,
        hint: str | None = None,
        details: t.Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        if code not in CODES:
            raise AssertionError(code)
        self.code = code
        self.message = message
        self.operation = operation
        self.provider = provider
        self.vendor_code = vendor_code
        self.vendor_message = vendor_message
        self.http_status = http_status
        self.hint = hint
        self.details = tuple(details)

    def copied(
        self, *, kind: type[TrackingError] | None = None, operation: str | None = None
    ) -> TrackingError:
        """The same error as another ``kind``, or of another ``operation``."""
        return (kind or type(self))(
            self.code,
            self.message,
            operation=self.operation if operation is None else operation,
            provider=self.provider,
            hint=self.hint,
            details=self.details,
            **self.answer,
        )

    @property
    def answer(self) -> dict[str, t.Any]:
        """The provider's part of it, for an error of ours that this one is the cause of."""
        return {
            "vendor_code": self.vendor_code,
            "vendor_message": self.vendor_message,
            "http_status": self.http_status,
        }

    @property
    def reason(self) -> str:
        """What went wrong and what to do, without the operation: for one domain of a set."""
        return readable(self._reason)

    @property
    def _reason(self) -> str:
        parts = [_sentence(self.message)]
        if self.hint:
            parts.append(_sentence(self.hint))
        return "\n".join([" ".join(parts), *self.details])

    def __str__(self) -> str:
        """The whole message, as a user reads it in ``msg``."""
        if not self.operation:
            return self.reason
        return readable(f"Could not {self.operation}: {self._reason}")

    def as_failure(self) -> dict[str, t.Any]:
        """The return value ``failure``: see the design's section on failures."""
        return {
            "code": self.code,
            "operation": readable(self.operation) or None,
            "provider": self.provider,
            "vendor_code": None if self.vendor_code is None else words(str(self.vendor_code)),
            "vendor_message": None if self.vendor_message is None else words(self.vendor_message),
            "http_status": self.http_status,
            "hint": self.hint,
        }


class UnclearOutcome(TrackingError):
    """A write went out and nobody can tell whether it took effect: list again before anything else.

    Neither vendor documents a repeated write as safe, nor has an idempotency key.
    """


def _sentence(text: str) -> str:
    """``text`` with a full stop unless it ends in punctuation of its own.

    >>> _sentence("no such domain")
    'no such domain.'
    """
    return text if text.endswith((".", "!", "?", ":")) else text + "."
