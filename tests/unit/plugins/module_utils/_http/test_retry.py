# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long to wait before trying again."""

from __future__ import annotations

from datetime import timedelta, timezone
from email.utils import format_datetime

import pytest

from ansible_collections.mailops.email.plugins.module_utils._http.retry import backoff, retry_after
from ansible_collections.mailops.email.tests.unit.doubles import CLEAN, NOW


def in_seconds(seconds: float) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        ("soon", None),
        ("1.5", None),
        ("7", 7),
        (" 7 ", 7),
        ("0", 1),
        ("-5", 1),
        ("60", 60),
        ("61", 60),
        ("86400", 60),
        ("9" * 400, 60),
        (in_seconds(20), 20),
        (in_seconds(-20), 1),
        (in_seconds(0), 1),
        (in_seconds(3600), 60),
        ((NOW + timedelta(seconds=5)).strftime("%a, %d %b %Y %H:%M:%S"), 5),  # no zone: UTC
        (format_datetime((NOW + timedelta(seconds=5)).astimezone(timezone(timedelta(hours=8)))), 5),
        ("Mon, 99 Foo 2026 00:00:00 GMT", None),
        ("Mon, 01 Jan 2026 00:00:00 +99999999999999999999", None),
    ],
)
def test_retry_after_as_seconds_or_date_within_1_to_60(
    header: str | None, seconds: float | None
) -> None:
    assert retry_after(header, now=NOW) == seconds


@pytest.mark.parametrize("attempt", range(12))
@pytest.mark.parametrize("jitter", [0.0, 0.5, 0.999])
def test_backoff_doubles_with_jitter_that_only_lengthens_up_to_a_minute(
    attempt: int, jitter: float
) -> None:
    wait = backoff(attempt, first=0.5, rand=lambda: jitter)
    assert wait == min(0.5 * 2**attempt * (1 + jitter / 4), 60)


def test_five_waits_for_a_rate_limit_outlast_a_minute() -> None:
    """SendClean counts by the minute and names no time; 5 is the default of `retries`."""
    waits = [backoff(n, first=CLEAN.rate_limit_wait, rand=lambda: 0.0) for n in range(5)]
    assert sum(waits) > 60


def test_jitter_is_random_by_default() -> None:
    assert len({backoff(3, first=1.0) for _try in range(20)}) > 1
