# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be asked of a provider: its options and what it can do. Private to this collection. No I/O here."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.mailops.email.plugins.module_utils._names import few


@dataclass(frozen=True)
class Option:
    """A connection option of a provider; its text is documentation in Ansible's markup.

    Several providers may have an option of the same name, each with its own text, choices and default:
    see ``connection_options``.

    :param description: what it is, in sentences. Whether it is required, the variable, the choices
        and the default are added by whoever shows it.
    :param env: the environment variable that is read where the option is not given.
    :param required: refused without it.
    :param unless_api_url: it is required only where ``api_url`` is not given.
    :param secret: never shown.
    :param choices: the only values, where there are some.
    :param default: used where neither the option nor the variable is given.
    :param example: a value as it may look, where that helps.

    A variable that is blank counts as not set.
    """

    description: str
    env: str
    required: bool = False
    unless_api_url: bool = False
    secret: bool = False
    choices: tuple[str, ...] = ()
    default: str | None = None
    example: str | None = None


@dataclass(frozen=True)
class ProviderFacts:
    """What can be asked of a provider; the plan and the modules decide by these alone.

    :param name: the value of the option ``provider``.
    :param title: the name as people write it.
    :param about: who that is, as it stands in brackets behind the title.
    :param credentials_hint: where in the provider's panel the values of its options are found.
    :param documentation_url: where it documents its API.
    :param options: its connection options, besides those that every provider has.
    :param url_env: the environment variable for ``api_url``.
    :param url_example: an ``api_url`` of the provider.
    :param has_ids: domains have a number that stays when they are renamed.
    :param has_rename: a domain's name can be changed.
    :param has_certificates: it serves HTTPS with a certificate that the user uploads.
    :param checks_in_batches: one call verifies many domains.
    :param keeps_checks: a list call shows what the last check found; False where that is not known.
    :param seconds_a_call: how far apart calls that go on for long are to be, on average.
    :param rate_hint: how often it may be called.
    :param rate_limit_wait: seconds to wait at first where it turns calls away and does not say for how
        long; each further wait is twice as long.
    :param address_hint: what to do where something else than the provider's API seems to answer.
    :param target_hint: what to do where it is not known what the CNAME must point to.
    :param notes: what else users have to know, for the documentation, in Ansible's markup.
    :param sender_noun: what it calls a sender that is bound to a tracking domain; None: it has none.
    :param domain_limit: how many domains every account may have, some more; None: no limit is known.
    """

    name: str
    title: str
    about: str
    credentials_hint: str
    documentation_url: str
    options: t.Mapping[str, Option]
    url_env: str
    url_example: str
    has_ids: bool
    has_rename: bool
    has_certificates: bool
    checks_in_batches: bool
    keeps_checks: bool
    seconds_a_call: float
    rate_hint: str
    rate_limit_wait: float
    address_hint: str
    target_hint: str
    notes: tuple[str, ...] = ()
    domain_limit: int | None = None
    sender_noun: str | None = None

    @property
    def has_senders(self) -> bool:
        """Mail is sent by senders, and each uses the one domain that it is bound to."""
        return self.sender_noun is not None

    def operation(self, verb: str, *names: str) -> str:
        """What is being done, for errors: ``add tracking domain track.example.com at TITLE``."""
        noun = "tracking domain" if len(names) == 1 else "tracking domains"
        return " ".join(part for part in (verb, noun, few(names), "at", self.title) if part)
