# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Binding senders while others are at work in the account too."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils._engine.senders import (
    bind,
    read_senders,
)
from ansible_collections.mailops.email.plugins.module_utils._errors import UnclearOutcome
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import Sender
from ansible_collections.mailops.email.tests.unit.doubles import MemoryProvider, domain

OLD, NEW, OTHER = "old.example.com", "new.example.com", "other.example.com"


class Busy(MemoryProvider):
    """The first binding gets no answer and has no effect; meanwhile somebody else does something."""

    def __init__(self, meanwhile: str | None) -> None:
        super().__init__([domain(NEW, 1, verified=True)], senders={"news": OLD})
        self.meanwhile = meanwhile
        self.tries = 0

    def bind(self, sender: Sender, domain: Any) -> None:
        self.tries += 1
        if self.tries > 1:
            super().bind(sender, domain)
            return
        if self.meanwhile is None:
            self.all_senders.clear()
        else:
            self.all_senders["news"] = Sender("news", self.meanwhile, {"name": "news", "click": 1})
        raise UnclearOutcome("network", "no answer")


@pytest.mark.parametrize(
    ("meanwhile", "tries", "bound"),
    [(OLD, 2, ("news",)), (OTHER, 1, ()), (NEW, 1, ("news",)), (None, 1, ())],
)
def test_a_lost_binding_is_tried_again_only_where_nobody_else_was_at_it(
    meanwhile: str | None, tries: int, bound: tuple[str, ...]
) -> None:
    provider = Busy(meanwhile)
    (new,) = provider.list()
    result, now = bind(provider, read_senders(provider), new, ["news"])
    assert provider.tries == tries
    assert result.bound == bound
    assert (result.error is None) is bool(bound)
    assert meanwhile is None or now["news"].domain == (NEW if bound else OTHER)
