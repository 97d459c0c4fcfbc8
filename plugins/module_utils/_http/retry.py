# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long to wait before trying again. Private to this collection: no promise is made to others. No I/O here."""

from __future__ import annotations

import random
import typing as t
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

# A provider that asks for less than a second is asked again too soon, one that asks for more than a
# minute would hold a play without a word (design, "Retries").
SHORTEST = 1.0
LONGEST = 60.0


def retry_after(value: str | None, *, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3), within 1 to 60; None without one.

    :param value: the header, as delta-seconds or as an HTTP date; anything else counts as absent.
    """
    if value is None or not value.strip():
        return None
    seconds: float
    try:
        seconds = int(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except (TypeError, ValueError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        seconds = (moment - now).total_seconds()
    return float(min(max(seconds, SHORTEST), LONGEST))


def backoff(attempt: int, *, first: float, rand: t.Callable[[], float] = random.random) -> float:
    """Seconds to wait after the ``attempt``-th failure (from 0): doubling, with jitter, at most 60.

    The jitter only ever lengthens, by up to a quarter: five waits that start at two seconds together
    outlast a rate limit that is counted by the minute.
    """
    return float(min(first * 2**attempt * (1 + rand() / 4), LONGEST))
