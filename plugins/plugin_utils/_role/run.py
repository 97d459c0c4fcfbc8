# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role knows while it runs. Private to this collection: no promise is made to others. No I/O here.

It is handed from step to step as data, so it holds nothing but what JSON can, and no secret.
"""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass, field
from datetime import date

from ansible_collections.mailops.email.plugins.plugin_utils import _results
from ansible_collections.mailops.email.plugins.plugin_utils._role.records import DEAD, dns_of

Data = t.Dict[str, t.Any]


@dataclass
class Run:
    """One use of the role, as far as it has come.

    :param today: the date that entries are held against, in UTC; the same for all steps.
    :param check_mode: nothing is written.
    :param stopped: why nothing more can be done; the steps to come do nothing.
    :param domains: declared tracking domains as ``tracking_domains`` returns them, with those that
        are to go and stay for now.
    :param actions: what was done, as ``tracking_domains`` returns it, one for each domain.
    :param others: names that the account has beside those declared as present; None where that is not
        known. ``unmanaged``: of these, those that are not declared at all.
    :param records: the records of the declared domains, each with its ``action``.
    :param publish: records that the back end is to publish; ``remove``, to remove.
    :param blocked: why a domain's record is not published, by name.
    :param later: why a record is not known yet, by name.
    :param unpublished: why the back end could not publish a record, by name.
    :param published: names whose records are as wanted at the back end, or in check mode would be; of
        these, ``already`` were so before.
    :param mended: names that the provider has as verified, and whose record was not right before it was
        published: only the provider's answer tells whether that still holds.
    :param purged: names that a purge deletes; ``former``: old names of renames.
    :param takes_over: by name, the names that go and that it replaces: it takes their senders over.
    :param waiting: why a name that is to go has to wait, by name: no failure.
    :param stuck: why a name that was to go in this run did not, by name: a failure.
    :param unremoved: why the back end could not remove a record, by name: its domain stays as well.
    :param leftover: why a record that leads to the provider is left alone, by name, where the account
        has no such domain.
    :param to_delete: what goes in this round: what the provider has, with the options for its deletion.
    :param served: names of this round whose record the name servers have; ``ttl``: seconds, by name.
    :param removed: records that the back end removed, in all rounds.
    :param dead: names that were verified and lead to the provider no more, with the reason.
    :param problems: what else went wrong, as text.
    :param waited: seconds that verification was waited for.
    """

    today: str
    check_mode: bool = False
    stopped: str | None = None
    domains: list[Data] = field(default_factory=list)
    actions: list[Data] = field(default_factory=list)
    others: list[str] | None = None
    unmanaged: list[str] | None = None
    records: list[Data] = field(default_factory=list)
    publish: list[Data] = field(default_factory=list)
    remove: list[Data] = field(default_factory=list)
    blocked: dict[str, str] = field(default_factory=dict)
    later: dict[str, str] = field(default_factory=dict)
    unpublished: dict[str, str] = field(default_factory=dict)
    published: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    purged: list[str] = field(default_factory=list)
    former: list[str] = field(default_factory=list)
    takes_over: dict[str, list[str]] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    stuck: dict[str, str] = field(default_factory=dict)
    unremoved: dict[str, str] = field(default_factory=dict)
    leftover: dict[str, str] = field(default_factory=dict)
    to_delete: list[Data] = field(default_factory=list)
    served: list[str] = field(default_factory=list)
    ttl: dict[str, float] = field(default_factory=dict)
    removed: list[Data] = field(default_factory=list)
    dead: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    waited: float = 0.0

    @classmethod
    def of(cls, data: t.Mapping[str, t.Any]) -> Run:
        """As ``as_data`` left it."""
        return cls(**data)

    def as_data(self) -> Data:
        return asdict(self)

    @property
    def date(self) -> date:
        return date.fromisoformat(self.today)

    @property
    def by_name(self) -> dict[str, Data]:
        return {domain["name"]: domain for domain in self.domains}

    @property
    def action_of(self) -> dict[str, Data]:
        return {action["name"]: action for action in self.actions}

    def take(self, result: t.Mapping[str, t.Any]) -> None:
        """Take in what ``tracking_domains`` or ``tracking_domain_info`` returned."""
        both = _results.merged({"tracking_domains": self.domains, "actions": self.actions}, result)
        self.domains, self.actions = both["tracking_domains"], both["actions"]

    def is_stuck(self, name: str) -> bool:
        """Whether something that was to go in this run cannot."""
        return name in self.stuck or name in self.unremoved

    def failed(self) -> list[str]:
        """Names of which an action failed."""
        return [action["name"] for action in self.actions if action["failure"]]

    def is_verified(self, name: str) -> bool:
        """Whether the provider has it as verified."""
        return bool(self.by_name.get(name, {}).get("verified"))

    def was_verified_before(self, name: str) -> bool:
        """Whether the provider had it as verified when the run began."""
        return bool(self.action_of.get(name, {}).get("was_verified"))

    def was_verified(self, name: str) -> bool:
        """Whether the provider has it as verified, or had when the run began."""
        action = self.action_of.get(name, {})
        domain = self.by_name.get(name, {})
        return bool(domain.get("verified") or action.get("was_verified"))

    def is_dead(self, name: str) -> bool:
        """Whether its name definitely does not lead to the provider."""
        domain = self.by_name.get(name)
        return bool(domain and dns_of(domain)["status"] in DEAD)

    def is_right(self, name: str) -> bool:
        """Whether it is verified, and its name leads to the provider as far as can be known."""
        domain = self.by_name.get(name)
        if domain is None or not domain["verified"] or name in self.failed():
            return False
        return not self.is_dead(name)
