# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the user wants, as records. Private to this collection: no promise is made to others. No I/O here."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import NamePattern

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._certificates.bundle import (
        CertificateBundle,
    )


@dataclass(frozen=True)
class Wanted:
    """One domain as the user wants it; the options of the module ``tracking_domain``.

    :param name: normalised.
    :param rename_from: normalised, or None.
    :param certificate: checked, or None.
    :param certificate_update: ``on_change`` or ``always``.
    :param dangling: ``fail``, ``warn`` or ``ignore``.
    :param looks_at_old_name: whether the live DNS may refuse a rename; the role removes the old record.
    :param senders: names of those that are to use it; None where that is not declared.
    :param problem: why nothing can be done for it, e.g. an expired certificate; the others go on.
    """

    name: str
    state: str = "present"
    id: int | None = None
    rename_from: str | None = None
    certificate: CertificateBundle | None = None
    certificate_update: str = "on_change"
    verify: bool = False
    wait: bool = False
    dangling: str = "fail"
    looks_at_old_name: bool = True
    senders: tuple[str, ...] | None = None
    problem: TrackingError | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which it may be found."""
        return (self.name, self.rename_from) if self.rename_from else (self.name,)


@dataclass(frozen=True)
class Settings:
    """The options that are not of one domain.

    :param whole_account: list everything, so that what is not declared is known.
    :param purge_dangling: ``dangling`` for the domains that a purge deletes.
    :param refuse_apexes: look up new names before they are added, and refuse those at which no CNAME
        can stand. The role does; a task with ``verify`` adds them and says what is wrong.
    :param takes_over: by name, the domains that this one replaces: their senders are to use it.
    :param recheck: which verified domains the provider is asked about again: ``wrong``, those whose
        name surely leads elsewhere; ``all``, once the live DNS is right; ``never``. The role asks about
        none before it has mended the record: an answer that is no takes away that it was verified.
    :param adds: whether what the provider does not list may be added. Not while a wait goes on: a list
        that lags would have it added again.
    """

    check_mode: bool = False
    concurrency: int = 4
    wait_timeout: float = 300.0
    wait_interval: float = 10.0
    whole_account: bool = False
    purge: bool = False
    purge_limit: int = 5
    purge_exclude: tuple[NamePattern, ...] = ()
    purge_dangling: str = "fail"
    refuse_apexes: bool = False
    takes_over: t.Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    recheck: str = "wrong"
    adds: bool = True
