# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The seam between this collection and a provider. Private to this collection: no promise is made to others.

A new provider is one new file with a subclass of ``Provider``, and one line in ``registry.py``.
"""

from __future__ import annotations

import abc
import json
import typing as t

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import normalise_name
from ansible_collections.mailops.email.plugins.module_utils._providers.facts import ProviderFacts
from ansible_collections.mailops.email.plugins.module_utils._text import words
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import (
    Sender,
    TrackingDomain,
)

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._certificates.bundle import (
        CertificateBundle,
    )
    from ansible_collections.mailops.email.plugins.module_utils._http.client import HttpClient


class Provider(abc.ABC):
    """One account at a provider. Methods may be called from several threads at once.

    Every method raises ``TrackingError``; writes raise ``UnclearOutcome`` where it is not known
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
    def list(self) -> t.List[TrackingDomain]:
        """All domains of the account; each entry, also where two have the same name in our form.

        :raises TrackingError: ``bad_response`` where it cannot be had whole.
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

    def senders(self) -> t.List[Sender]:
        """Who sends mail for the account, each with the tracking domain that it uses.

        :raises TrackingError: ``authentication`` where these credentials may not know.
        """
        raise self._no_senders()

    def bind(self, sender: Sender, domain: TrackingDomain) -> None:
        """Have a sender use a domain, and leave it as it is otherwise."""
        raise self._no_senders()

    def _no_senders(self) -> TrackingError:
        return TrackingError(
            "unsupported",
            f"{self.facts.title} has no senders that are bound to a tracking domain",
            provider=self.facts.name,
        )

    def target(self, present: t.Iterable[TrackingDomain]) -> str | None:
        """What a new domain's CNAME will have to point to, as far as the domains present tell."""
        return next((domain.target for domain in present if domain.target), None)

    def shows_checks(self, present: t.Sequence[TrackingDomain]) -> bool | None:
        """Whether a list shows what a check found, as the domains present tell; None where that is not known."""
        return True if self.facts.keeps_checks else None

    def unreadable(self, what: str, body: t.Any) -> TrackingError:
        """An answer that is not what the API is known to give, shown as far as it may be."""
        # As JSON: these are the spellings that are known.
        shown = self.http.redact.beginning(json.dumps(body, ensure_ascii=False), 300)
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
        # It is in messages and headers from here on; as it was sent it is in the provider's own object.
        return words(name.rstrip(".").lower())
