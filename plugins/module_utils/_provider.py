# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The seam between this collection and a provider. Private to this collection: no promise is made to others.

A new provider is one new file with a subclass of ``Provider``, and one line in ``_registry.py``.
"""

from __future__ import annotations

import abc
import json
import os
import typing as t
from dataclasses import dataclass

from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._http import HttpClient
from ansible_collections.mailops.email.plugins.module_utils._model import (
    TrackingDomain,
    few,
    normalise_name,
)

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._certificate import (
        CertificateBundle,
    )


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


class Provider(abc.ABC):
    """One account at a provider. Methods may be called from several threads at once.

    Every method raises ``TrackingError``; writes raise ``UnclearOutcome`` where nobody can tell
    whether they took effect. So an answer is read to its end within ``interpret`` (see ``HttpClient``):
    a success that cannot be read is unclear as well.
    """

    facts: t.ClassVar[ProviderFacts]

    def __init__(self, http: HttpClient, options: t.Mapping[str, t.Any]) -> None:
        self.http = http
        self._options = options

    @classmethod
    @abc.abstractmethod
    def base_url(cls, options: t.Mapping[str, t.Any]) -> str:
        """The API's address for these options, where ``api_url`` is not given."""

    @classmethod
    def host_option(cls, name: str, value: str) -> str:
        """The value of an option that is a host name, in our form.

        :raises TrackingError: ``validation``, naming the option.
        """
        try:
            return normalise_name(value)
        except TrackingError as exc:
            exc.message = f"{name} cannot be used: {exc.message}"
            exc.provider = cls.facts.name
            raise

    @abc.abstractmethod
    def list(self, names: t.Sequence[str] | None = None) -> t.List[TrackingDomain]:
        """All domains of the account, all pages; only those named where the provider can filter.

        A provider that cannot filter, or filters loosely, returns more than was asked for.
        """

    @abc.abstractmethod
    def add(self, name: str, certificate: CertificateBundle | None) -> TrackingDomain:
        """Add a domain and return it as far as the answer tells."""

    @abc.abstractmethod
    def check(self, domains: t.Sequence[TrackingDomain]) -> t.List[TrackingDomain]:
        """Have the provider look at the domains' CNAMEs; they are returned as they then are.

        ``not_found`` where one of them is gone: who asked for many asks for each of them then.
        """

    @abc.abstractmethod
    def delete(self, domain: TrackingDomain) -> None:
        """Delete a domain; ``not_found`` where it is gone already."""

    def update(
        self,
        domain: TrackingDomain,
        *,
        name: str | None = None,
        certificate: CertificateBundle | None = None,
    ) -> TrackingDomain:
        """Give a domain a new name, a new certificate, or both."""
        raise TrackingError(
            "unsupported",
            f"{self.facts.title} cannot change a tracking domain",
            provider=self.facts.name,
        )

    def target(self, present: t.Iterable[TrackingDomain]) -> str | None:
        """What a new domain's CNAME will have to point to, as far as the domains present tell."""
        return next((domain.target for domain in present if domain.target), None)

    def unreadable(self, what: str, body: t.Any) -> TrackingError:
        """An answer that is not what the API is known to give, shown as far as it may be."""
        # Redacted before it is cut, as JSON: these are the spellings that are known.
        shown = self.http.redact(json.dumps(body, ensure_ascii=False))[:300]
        return TrackingError(
            "bad_response",
            f"{what}: {shown}",
            provider=self.facts.name,
            hint=self.facts.address_hint,
        )


def name_from_provider(name: str) -> str:
    """A name as a provider spelled it, in our form; one that is no host name is kept in lower case.

    What a provider holds is never refused: it may have been made by hand, and has to be listed.
    """
    try:
        return normalise_name(name)
    except TrackingError:
        return name.rstrip(".").lower()
