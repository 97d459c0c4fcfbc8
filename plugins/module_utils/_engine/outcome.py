# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of what was wanted, as records. Private to this collection. No I/O here."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.mailops.email.plugins.module_utils._engine.plan import Step
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import TrackingDomain

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._dns.model import Finding


@dataclass
class DomainOutcome:
    """What became of one domain.

    :param after: as it is now, or in check mode as it would be; None where there is none.
    :param action: as in the return value ``actions``.
    :param changed: something was changed, or may have been.
    :param written: its write took effect; in check mode, would take effect.
    :param final: its verification failed, and waiting longer cannot help.
    :param bound: the senders that were bound to it; in check mode, would be.
    """

    step: Step
    action: str
    changed: bool = False
    written: bool = False
    after: TrackingDomain | None = None
    finding: Finding | None = None
    error: TrackingError | None = None
    note: str | None = None
    final: bool = False
    bound: tuple[str, ...] = ()

    def fail(self, error: TrackingError) -> None:
        self.error, self.action = error, "failed"

    @property
    def name(self) -> str:
        return self.step.wanted.name

    @property
    def before(self) -> TrackingDomain | None:
        return self.step.before


@dataclass
class Outcome:
    """What became of all of them, in the order asked; those of a purge last.

    :param refusal: why nothing was attempted at all.
    """

    domains: list[DomainOutcome]
    unmanaged: list[str]
    warnings: list[str] = field(default_factory=list)
    refusal: TrackingError | None = None

    @property
    def changed(self) -> bool:
        return any(domain.changed for domain in self.domains)
