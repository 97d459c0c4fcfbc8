# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names in the one form that is compared and sent, and what a domain looks like in a result."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.mailops.email.plugins.module_utils import _names as _model
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import (
    name_patterns,
    normalise_name,
    same_name,
    unicode_name,
)
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import (
    TrackingDomain,
    Validity,
    iso,
)
from ansible_collections.mailops.email.tests.unit.doubles import NOW, domain, window

LABEL = "a" * 63
LONGEST = ".".join([LABEL, LABEL, LABEL, "a" * 61])


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("track.example.com", "track.example.com"),
        ("Track.EXAMPLE.com", "track.example.com"),
        ("track.example.com.", "track.example.com"),
        ("tracking_1.example.com", "tracking_1.example.com"),
        ("1.example.com", "1.example.com"),
        ("a.b", "a.b"),
        ("bücher.example.com", "xn--bcher-kva.example.com"),
        ("BÜCHER.Example.com.", "xn--bcher-kva.example.com"),
        ("bu\u0308cher.example.com", "xn--bcher-kva.example.com"),  # u with a combining mark
        ("straße.example.com", "xn--strae-oqa.example.com"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("track\u3002example\uff0ecom", "track.example.com"),  # full stops of other scripts
        ("XN--BCHER-KVA.example.com", "xn--bcher-kva.example.com"),
        (f"{LABEL}.com", f"{LABEL}.com"),
        (LONGEST, LONGEST),
        (LONGEST + ".", LONGEST),
    ],
)
def test_a_host_name_in_its_one_form(given: str, name: str) -> None:
    assert normalise_name(given) == name
    assert normalise_name(name) == name


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("", "it is empty"),
        ("  ", "it is empty"),
        (None, "it is empty"),
        ("https://track.example.com", "it is a URL or a path"),
        ("track.example.com/open", "it is a URL or a path"),
        ("*.example.com", "wildcards are not possible"),
        ("me@example.com", "it is an e-mail address"),
        ("track.example.com:443", "it has a port or is an IPv6 address"),
        ("::1", "it has a port or is an IPv6 address"),
        ("192.0.2.1", "it is an IP address"),
        ("track example.com", "it has white space in it"),
        (" track.example.com", "it has white space in it"),
        ("track.example.com\n", "it has white space in it"),
        ("track.\u00a0.com", "it has white space in it"),
        ("track..example.com", "it has an empty label"),
        (".example.com", "it has an empty label"),
        ("track.example.com..", "it has an empty label"),
        (".", "it has an empty label"),
        (f"{LABEL}a.com", "is 64 characters long, more than 63"),
        (
            "Ü" * 70 + ".com",
            "the label 'ÜÜÜÜÜÜÜÜÜÜÜÜÜÜÜÜÜÜÜÜ'... is 76 characters long as punycode",
        ),
        ("é" * 60 + ".example.com", "'éééééééééééééééééééé'... is 66 characters long as punycode"),
        ("\uff41" * 70 + ".com", "is 70 characters long as punycode, more than 63"),
        (LONGEST + "a", "it is 254 characters long, more than 253"),
        ("localhost", "it has only one label"),
        ("com.", "it has only one label"),
        ("-track.example.com", "'-track' has a character other than"),
        ("track-.example.com", "'track-' has a character other than"),
        ("tr!ck.example.com", "'tr!ck' has a character other than"),
        ("tr\x00ck.example.com", "has a character other than"),
        ("☃\u200b\ud800.example.com", "a character that no international host name may have"),
    ],
)
def test_what_is_no_host_name_is_refused_with_the_reason(given: str, why: str) -> None:
    with pytest.raises(TrackingError) as caught:
        normalise_name(given)
    assert caught.value.code == "validation"
    assert why in str(caught.value)
    assert caught.value.hint


KEY = "-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize("name", [KEY, KEY.replace("\n", "\\n"), KEY.partition("\n")[2]])
def test_a_refusal_repeats_nothing_of_a_private_key(name: str) -> None:
    with pytest.raises(
        TrackingError, match="PEM text is not a host name: it is a certificate or"
    ) as caught:
        normalise_name(name)
    assert "MIGH" not in str(caught.value)


@pytest.mark.parametrize("name", ["x" * 61 + "/", "ü" * 5000, f"{'x' * 5000}.com"])
def test_a_refusal_repeats_the_start_of_a_long_name_only(name: str) -> None:
    with pytest.raises(TrackingError, match=f"^'{name[:60]}[.]{{3}}' is not") as caught:
        normalise_name(name)
    assert name[:61] not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["t.example.com", "bücher.straße.example.com", "xn--a.example.com", f"xn--{'a' * 59}.com"],
)
def test_a_name_as_people_write_it(name: str) -> None:
    """What is no punycode stays as it is."""
    assert unicode_name(name if "xn--" in name else normalise_name(name)) == name


def test_without_idna_only_international_names_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_model, "idna", None)
    assert normalise_name("Track.example.com") == "track.example.com"
    assert unicode_name("xn--bcher-kva.example.com") == "xn--bcher-kva.example.com"
    with pytest.raises(TrackingError, match="idna is needed") as caught:
        normalise_name("bücher.example.com")
    assert caught.value.code == "dependency"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("t.example.com", "T.Example.com.", True),
        ("t.example.com", "t.example.com.example.com", False),
        ("t.example.com", "xt.example.com", False),
    ],
)
def test_names_compare_whole_and_without_case(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same


def test_times_are_told_in_utc() -> None:
    china = timezone(timedelta(hours=8))
    assert iso(datetime(2014, 11, 1, 22, 41, 52, tzinfo=china)) == "2014-11-01T14:41:52Z"
    assert iso(None) is None


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (timedelta(days=41, seconds=1), 41),
        (timedelta(hours=23), 0),
        (timedelta(0), 0),
        (timedelta(seconds=-1), -1),
        (timedelta(days=-3), -3),
    ],
)
def test_days_left_are_whole_days_and_negative_once_expired(left: timedelta, days: int) -> None:
    assert Validity(NOW - timedelta(days=100), NOW + left).days_left(NOW) == days


def test_a_domain_as_returned() -> None:
    made = domain(
        "t.example.com", 7, verified=True, certificate=window(41), created_at=NOW, vendor={"a": 1}
    )
    assert made.as_result(NOW) == {
        "provider": "sendcloud",
        "name": "t.example.com",
        "id": 7,
        "verified": True,
        "cname": {"name": "t.example.com", "target": "track2.sendcloud.net"},
        "https": True,
        "certificate": {
            "not_before": "2026-05-31T12:00:00Z",
            "not_after": "2026-07-12T12:00:00Z",
            "days_left": 41,
        },
        "created_at": "2026-06-01T12:00:00Z",
        "updated_at": "2026-06-01T12:00:00Z",
        "senders": None,
        "vendor": {"a": 1},
    }
    assert made.as_result(NOW, {"status": "ok"})["dns"] == {"status": "ok"}


def test_what_a_provider_does_not_know_is_null() -> None:
    result = domain("t.example.com", provider="sendclean", target=None).as_result(NOW)
    nulls = {key for key, value in result.items() if value is None}
    assert nulls == {"id", "https", "certificate", "created_at", "updated_at", "senders"}
    assert result["cname"]["target"] is None


def test_a_side_of_a_diff_has_no_clock_in_it() -> None:
    """What changes by itself (days left, times, the vendor's object) is no difference."""
    side = domain("t.example.com", 7, certificate=window(), vendor={"a": 1}).as_diff()
    assert set(side) == {"name", "state", "id", "verified", "cname", "https", "certificate"}
    assert set(side["certificate"]) == {"not_before", "not_after"}


# --- patterns ------------------------------------------------------------------------------------

MUNICH = "xn--mnchen-3ya.example.com"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("*.example.org", "a.example.org"),
        ("*.EXAMPLE.org.", "a.b.example.org"),
        ("track.example.org", "track.example.org"),
        ("*.example\u3002org\uff61", "a.example.org"),
        ("\uff41.example.org", "a.example.org"),
        ("*", "a.example.org"),
        ("???", "a.b"),
        ("?????", "a.b.c"),
        ("*a*", "a.b"),
        ("-*", None),
        ("[!b].example.org", "a.example.org"),
        ("[A-C].example.org", "b.example.org"),
        ("[0-9]*.example.org", "1a.example.org"),
        ("*[.]org", "a.org"),
        ("mün*.example.com", MUNICH),
        ("MÜN*.example.com", MUNICH),
        ("mu\u0308n*.example.com", MUNICH),
        ("m?nchen.example.com", MUNICH),
        ("[mü][äü]nchen.example.com", MUNICH),
        ("*nchen.*", MUNICH),
        ("München.*", MUNICH),
        ("xn--mnchen*.example.com", MUNICH),
        ("XN--MNCHEN-3YA.example.com", MUNICH),
        ("xn--*", MUNICH),
        ("*.bücher.example", "a.xn--bcher-kva.example"),
        ("*.Bücher.example.", "a.xn--bcher-kva.example"),
        ("mün*.xn--bcher-kva.example", "xn--mnchen-3ya.xn--bcher-kva.example"),
        ("xn--mn*.bücher.example", "xn--mnchen-3ya.xn--bcher-kva.example"),
        ("straße.*", "xn--strae-oqa.example.com"),
    ],
)
def test_a_pattern_fits_a_name_as_it_is_typed(typed: str, name: str | None) -> None:
    if name is None:
        with pytest.raises(TrackingError):
            name_patterns([typed])
        return
    (pattern,) = name_patterns([typed])
    assert pattern.matches(name)
    assert not pattern.matches("other.example.net") or set(typed) <= set("*a")


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        ([" *.example.org ", "\ta.example.com\n"], ["b.example.org", "a.example.com"]),
        (["*.example.org, a.example.com"], ["b.example.org", "a.example.com"]),
        (["*.example.org\na.example.com\r\n\n"], ["b.example.org", "a.example.com"]),
        (["*.example.org a.example.com,"], ["b.example.org", "a.example.com"]),
        (["*.example.org\u00a0", "\u3000a.example.com"], ["b.example.org", "a.example.com"]),
        ([" ", ",", "\n"], []),
        ([], []),
    ],
)
def test_patterns_may_come_as_text(texts: list[str], names: list[str]) -> None:
    patterns = name_patterns(texts)
    assert len(patterns) == len(names)
    assert all(pattern.matches(name) for pattern, name in zip(patterns, names, strict=True))


@pytest.mark.parametrize(
    "typed",
    [
        "https://*.example.com",
        "https://track.example.com/",
        "*.example.com/",
        "example",
        "[abc]",
        "me@*.example.com",
        "*.example.com:443",
        "192.0.2.1",
        "[0-9].[0-9].[0-9].[0-9]",
        "*..example.com",
        ".example.com",
        "*.example.com..",
        "*-.example.com",
        "a[.example.com",
        ".*\\.example\\.com",
        "!*.example.com",
        "#*.example.com",
        "{a;b}.example.com",
        "[/].example.com",
        "\u2603\u200d*.example.com\ufffd",
        f"{LABEL}a*.com",
        f"{LONGEST}?",
        "?" * 254,
        "[" * 100_000,
        "*a" * 100_000,
    ],
)
def test_a_pattern_that_can_fit_no_name_is_refused(typed: str) -> None:
    with pytest.raises(TrackingError) as caught:
        name_patterns(["*.example.org", typed])
    assert caught.value.code == "validation"
    assert "in purge_exclude" in str(caught.value)
    assert len(str(caught.value)) < 300


def test_patterns_in_other_scripts_need_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_model, "idna", None)
    with pytest.raises(TrackingError, match="idna") as caught:
        name_patterns(["mün*.example.com"])
    assert caught.value.code == "dependency"
    (pattern,) = name_patterns(["*.example\u3002com"])
    assert pattern.matches("a.example.com")


# --- the validity that a provider shows -------------------------------------------------------------

START, END = NOW, NOW + timedelta(days=90)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
HOURS, DAY = timedelta(hours=1), timedelta(days=1)
WINDOW = Validity(START, END)


def moved(before: timedelta, after: timedelta) -> Validity:
    """As a provider shows it that may be eight hours behind."""
    return Validity(START + before, END + after, may_be_off=-8 * HOURS)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (0 * SECOND, 0 * SECOND),
        (-59 * SECOND, 59 * SECOND),
        (MINUTE, -MINUTE),
        (-8 * HOURS, -8 * HOURS),
        (-8 * HOURS + MINUTE, -8 * HOURS - MINUTE),
    ],
)
def test_the_same_window(before: timedelta, after: timedelta) -> None:
    assert moved(before, after).is_of(WINDOW)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (61 * SECOND, 0 * SECOND),
        (0 * SECOND, -61 * SECOND),
        (-8 * HOURS, 0 * HOURS),
        (0 * HOURS, -8 * HOURS),
        (8 * HOURS, 8 * HOURS),
        (-7 * HOURS, -7 * HOURS),
        (60 * DAY, 60 * DAY),
    ],
)
def test_another_window(before: timedelta, after: timedelta) -> None:
    assert not moved(before, after).is_of(WINDOW)


def test_no_window() -> None:
    assert not TrackingDomain("sendcloud", "t.example.com").shows(WINDOW)


def test_a_provider_that_knows_its_zone_is_taken_at_its_word() -> None:
    assert not Validity(START - 8 * HOURS, END - 8 * HOURS).is_of(WINDOW)


def test_what_may_be_off_makes_no_other_validity() -> None:
    assert moved(0 * SECOND, 0 * SECOND) == WINDOW
