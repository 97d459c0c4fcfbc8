# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The seam: what a provider is asked for, and names as providers spell them."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._providers.base import (
    Provider,
    name_from_provider,
)
from ansible_collections.mailops.email.plugins.module_utils._providers.sendclean import SendClean
from ansible_collections.mailops.email.tests.unit.doubles import CLEAN, MemoryProvider, domain


def test_a_provider_has_to_say_how_to_do_everything_that_all_can_do() -> None:
    assert Provider.__abstractmethods__ == {"base_url", "list", "add", "check", "delete"}


def test_what_not_all_can_do_is_unsupported() -> None:
    provider = MemoryProvider(facts=CLEAN)
    with pytest.raises(TrackingError, match="SendClean cannot change") as caught:
        Provider.update(provider, domain("t.example.com", provider="sendclean"), name="x")
    assert caught.value.code == "unsupported"


def test_a_host_name_that_is_none_is_refused_with_its_option_s_name() -> None:
    assert SendClean.host_option("x_host", "A.Example.com.") == "a.example.com"
    with pytest.raises(TrackingError) as caught:
        SendClean.host_option("x_host", "https://x")
    assert caught.value.code == "validation"
    assert caught.value.provider == "sendclean"
    assert str(caught.value).startswith("x_host cannot be used: 'https://x' is not a host name: ")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "list tracking domains at SendClean"),
        (["a.example.com"], "list tracking domain a.example.com at SendClean"),
        (["a", "b"], "list tracking domains a, b at SendClean"),
        (list("abcdefg"), "list tracking domains a, b, c, d, e and 2 more at SendClean"),
    ],
)
def test_an_operation_in_words(names: list[str], words: str) -> None:
    assert CLEAN.operation("list", *names) == words


def test_a_domain_present_tells_the_target_of_a_new_one() -> None:
    provider = MemoryProvider()
    present = [domain("a.example.com", 1, target=None), domain("b.example.com", 2, target="t.net")]
    assert provider.target(present) == "t.net"
    assert provider.target([]) is None


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("Track.Example.COM", "track.example.com"),
        ("track.example.com.", "track.example.com"),
        ("bücher.example.com", "xn--bcher-kva.example.com"),
        # Made by hand at the vendor's: listed all the same.
        ("*.Example.com", "*.example.com"),
        ("intranet", "intranet"),
        ("", ""),
    ],
)
def test_what_a_provider_holds_is_never_refused(spelled: str, name: str) -> None:
    assert name_from_provider(spelled) == name
