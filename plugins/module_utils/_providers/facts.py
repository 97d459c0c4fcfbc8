# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be asked of a provider: its options and what it can do. Private to this collection. No I/O here."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass

from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.mailops.email.plugins.module_utils._names import few


@dataclass(frozen=True)
class Option:
    """A connection option of a provider.

    :param env: the environment variable that is read where the option is not given.
    :param required: refused without it.
    :param secret: never shown.
    :param choices: the only values, where there are some.
    :param default: used where neither the option nor the variable is given.

    A variable that is blank counts as not set.
    """

    env: str | None = None
    required: bool = False
    secret: bool = False
    choices: tuple[str, ...] = ()
    default: str | None = None

    def argument_spec(self) -> dict[str, t.Any]:
        """As AnsibleModule wants it: it takes a fallback before it takes a default."""
        spec: dict[str, t.Any] = {"type": "str"}
        if self.default is not None:
            spec["default"] = self.default
            if self.env:
                spec["fallback"] = (self._fallback, [self.env])
        if self.secret:
            spec["no_log"] = True
        if self.choices:
            spec["choices"] = list(self.choices)
        return spec

    def _fallback(self, variable: str) -> str:
        value = os.environ.get(variable, "").strip()
        # What is no choice is refused where it counts: with the provider whose option it is.
        if not value or (self.choices and value not in self.choices):
            raise AnsibleFallbackNotFound
        return value


@dataclass(frozen=True)
class ProviderFacts:
    """What can be asked of a provider; the plan and the modules decide by these alone.

    :param name: the value of the option ``provider``.
    :param title: the name as people write it.
    :param options: its connection options, besides those that every provider has.
    :param url_env: the environment variable for ``api_url``.
    :param has_ids: domains have a number that stays when they are renamed.
    :param has_rename: a domain's name can be changed.
    :param has_certificates: it serves HTTPS with a certificate that the user uploads.
    :param filters_by_name: a list call can be narrowed to some names.
    :param checks_in_batches: one call verifies many domains.
    :param keeps_checks: a list call shows what the last check found; False where nobody knows.
    :param seconds_a_call: how far apart calls that go on for long are to be, on average.
    :param rate_hint: how often it may be called.
    :param address_hint: what to do where something else than the provider's API seems to answer.
    :param target_hint: what to do where nobody said what the CNAME must point to.
    """

    name: str
    title: str
    options: t.Mapping[str, Option]
    url_env: str
    has_ids: bool
    has_rename: bool
    has_certificates: bool
    filters_by_name: bool
    checks_in_batches: bool
    keeps_checks: bool
    seconds_a_call: float
    rate_hint: str
    address_hint: str
    target_hint: str

    def operation(self, verb: str, *names: str) -> str:
        """What is being done, for errors: ``add tracking domain track.example.com at SendCloud``."""
        noun = "tracking domain" if len(names) == 1 else "tracking domains"
        return " ".join(part for part in (verb, noun, few(names), "at", self.title) if part)
