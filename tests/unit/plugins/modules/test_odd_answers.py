# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a provider sends, a run ends with a result that can be shown, without its secrets."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html import escape
from typing import Any
from unittest import mock
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.mailops.email.plugins.module_utils._errors import CODES
from ansible_collections.mailops.email.plugins.module_utils._http.bounds import Received
from ansible_collections.mailops.email.plugins.module_utils._http.client import HttpClient
from ansible_collections.mailops.email.tests.unit.run_module import Ran, run_module

NAME, OTHER = "t.example.com", "old.example.com"
SECRET = "s3cr3t+/=&\"'<x>-%41é"
CONNECTION = {
    "sendclean": {
        "owner_id": "1",
        "token": SECRET,
        "cname_target": "track.sendclean.net",
        "api_url": "https://api.example.net",
    },
    "sendcloud": {"api_user": "user", "api_key": SECRET, "api_url": "https://api.example.net"},
}
Body = Any


def row(provider: str, name: str, number: int) -> dict[str, Any]:
    if provider == "sendclean":
        return {"domain": name, "cname": {"valid": "Yes", "error": ""}, "create_date": 1700000000}
    return {
        "id": number,
        "name": name,
        "cname": True,
        "cname.domain": name,
        "cname.value": "track2.sendcloud.net",
        "https": True,
        "certiValidityStart": "2026-01-01 08:00:00",
        "certiValidityEnd": "2027-01-01 08:00:00",
        "gmtCreated": "2025-01-01 08:00:00",
        "gmtUpdated": "2025-01-01 08:00:00",
    }


def answers(provider: str, row_of: Callable[[str, int], Any] | None = None) -> dict[str, Body]:
    """What each action of a provider's API answers, and `error`."""
    make = row_of or (lambda name, number: row(provider, name, number))
    old, new = make(OTHER, 1), make(NAME, 2)
    if provider == "sendclean":
        return {
            "listTrackingDomain": {"status": "success", "tracking_domain_list": [old]},
            "addTrackingDomain": {"status": "success", "message": "added"},
            "checkTrackingDomain": {
                "status": "success",
                "domain": NAME,
                "valid_tracking": "Yes",
                "cname": {"valid": "Yes"},
            },
            "deleteTrackingDomain": {"status": "success", "message": "deleted"},
            "error": {"status": "error", "code": -1, "name": "ValidationError", "message": "no"},
        }

    def said(**info: Any) -> Body:
        return {"result": True, "statusCode": 200, "message": "ok", "info": info}

    return {
        "list": said(dataList=[old], total=1, count=1),
        "add": said(data=new),
        "update": said(data=new),
        "checkConfig": said(dataList=[new], count=1),
        "delete": said(count=1),
        "error": {"result": False, "statusCode": 41012, "message": "no", "info": {}},
    }


@contextmanager
def provider_that_says(of_action: Mapping[str, Any], status: int = 200) -> Iterator[None]:
    """Bytes as they are, anything else as JSON."""

    def fetch(self: Any, request: Mapping[str, Any], _timeout: float) -> Received:
        body = of_action[request["url"].rpartition("/")[2]]
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Received(status, {}, sent)

    with mock.patch.object(HttpClient, "_fetch", fetch):
        yield


RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "info": ("tracking_domain_info", {}),
    "add": ("tracking_domain", {"name": NAME, "verify": True, "dns_check": "off"}),
    "keep": ("tracking_domain", {"name": OTHER, "verify": True, "dns_check": "off"}),
    "delete": ("tracking_domain", {"name": OTHER, "state": "absent", "dangling": "ignore"}),
    "set": (
        "tracking_domains",
        {
            "domains": [{"name": NAME}, {"name": OTHER}, {"name": "x.example.com"}],
            "verify": True,
            "dns_check": "off",
        },
    ),
}


def play(provider: str, what: str, *, check: bool = False) -> Ran:
    module, work = RUNS[what]
    options = {"provider": provider, "retries": 0, **CONNECTION[provider], **work}
    return run_module(module, options, check=check, diff=True)


def not_a_number(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def without_ansible_s(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert not any(key.startswith("__ansible") for key, _value in pairs)
    return dict(pairs)


SCREEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def for_people(ran: Ran) -> Iterator[str]:
    """What a screen shows as it is."""
    yield ran.result.get("msg", "")
    yield from ran.warnings
    for action in ran.result.get("actions", []):
        yield action["reason"] or ""
    diffs = ran.result.get("diff", [])
    for diff in diffs if isinstance(diffs, list) else [diffs]:
        yield diff["before_header"]
        yield diff["after_header"]


def assert_showable(ran: Ran) -> None:
    # As Ansible sends it on; and anybody may read it.
    (line,) = [line for line in ran.output.splitlines() if line.startswith("{")]
    json.loads(line, parse_constant=not_a_number, object_pairs_hook=without_ansible_s)
    assert "a bug in mailops.email" not in ran.text
    if ran.failed:
        assert ran.code in CODES
    for text in for_people(ran):
        assert not SCREEN.search(text)
        assert len(text) < 10_000
        text.encode("utf-8")
    for spelling in (SECRET, json.dumps(SECRET)[1:-1], quote(SECRET, safe=""), escape(SECRET)):
        assert spelling not in ran.text
    assert "s3cr3t" not in ran.text


both = pytest.mark.parametrize("provider", ["sendclean", "sendcloud"])


# --- what was seen ----------------------------------------------------------------------------------


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


ODD_VALUES: dict[str, tuple[bytes, str | None]] = {
    "nested 19 deep": (nested(18), None),
    "nested 30 deep": (nested(30), "data that is nested too deep"),
    "nested 250 deep": (nested(250), "data that is nested too deep"),
    "nested 900 deep": (b"[" * 900 + b"]" * 900, "data that is nested too deep"),
    "a key of Ansible's": (b'{"__ansible_type": "x"}', "keys that Ansible reserves"),
    "an old key of Ansible's": (b'[{"__ansible_unsafe": "x"}]', "keys that Ansible reserves"),
    "NaN": (b"NaN", "numbers that are NaN or too large"),
    "Infinity": (b"[1, -Infinity]", "numbers that are NaN or too large"),
    "a number too large": (b"1e999", "numbers that are NaN or too large"),
    "a whole number too large": (b"9" * 5000, "numbers that are NaN or too large"),
    "a large whole number": (b"9" * 39, None),
    "NUL": (b'"a\\u0000b"', None),
    "half a character": (b'"a\\ud800b"', None),
}


@both
@pytest.mark.parametrize("odd", ODD_VALUES, ids=str)
def test_what_cannot_be_shown_is_left_out_and_said(provider: str, odd: str) -> None:
    value, says = ODD_VALUES[odd]
    said = answers(provider, lambda name, number: {**row(provider, name, number), "odd": "ODD"})
    sent = {key: json.dumps(body).encode().replace(b'"ODD"', value) for key, body in said.items()}
    with provider_that_says(sent):
        ran = play(provider, "info")
    assert_showable(ran)
    (domain,) = ran["tracking_domains"]
    assert domain["name"] == OTHER
    assert domain["vendor"]["cname"], "the rest is there"
    if says:
        (warning,) = [line for line in ran.warnings if OTHER in line]
        assert says in warning
    else:
        assert ran.warnings == []
        assert "odd" in domain["vendor"]


@pytest.mark.parametrize("field", ["gmtCreated", "gmtUpdated", "certiValidityStart"])
@pytest.mark.parametrize("date", ["0001-01-01 00:00:00", "9999-12-31 23:59:59", "0000-00-00", "x"])
def test_dates_that_are_none_are_left_out(field: str, date: str) -> None:
    said = answers(
        "sendcloud", lambda name, number: {**row("sendcloud", name, number), field: date}
    )
    with provider_that_says(said):
        ran = play("sendcloud", "info")
    assert_showable(ran)
    (domain,) = ran["tracking_domains"]
    assert domain["vendor"][field] == date
    if field == "gmtCreated":
        assert domain["created_at"] == ("9999-12-31T15:59:59Z" if "9999" in date else None)


def of_every_character(secret: str) -> str:
    return "".join(f"&#{ord(char)};" for char in secret)


HIDDEN: dict[str, Callable[[str], str]] = {
    "URL": lambda text: quote(text, safe=""),
    "URL, twice": lambda text: quote(quote(text, safe=""), safe=""),
    "URL, every octet": lambda text: "".join(f"%{octet:02x}" for octet in text.encode()),
    "HTML": escape,
    "HTML, every character": of_every_character,
    "HTML of PHP": lambda text: escape(text).replace("&#x27;", "&#039;"),
    "HTML within a URL": lambda text: quote(escape(text)),
    "JSON within JSON": lambda text: json.dumps(json.dumps(text)),
}


@both
@pytest.mark.parametrize("hide", HIDDEN.values(), ids=list(HIDDEN))
def test_no_secret_in_the_provider_s_own_object_however_it_is_written(
    provider: str, hide: Callable[[str], str]
) -> None:
    hidden = f"of {hide(SECRET)}!"
    said = answers(
        provider,
        lambda name, number: {
            **row(provider, name, number),
            "of": hidden,
            hidden: {hidden: [hidden]},
        },
    )
    said["error"]["message"] = hidden
    with provider_that_says(said):
        ran = play(provider, "info")
    assert_showable(ran)
    assert hidden not in json.dumps(ran.result)
    assert "********" in ran["tracking_domains"][0]["vendor"]["of"]
    with provider_that_says(dict.fromkeys(said, said["error"])):
        ran = play(provider, "info")
    assert ran.failed
    assert hidden not in json.dumps(ran.result)
    assert_showable(ran)


def test_keys_of_our_own_stay_what_they_are() -> None:
    """Whatever the secret is."""
    options = {**CONNECTION["sendclean"], "provider": "sendclean", "token": "name"}
    with provider_that_says(answers("sendclean")):
        ran = run_module("tracking_domain_info", options)
    assert ran["tracking_domains"][0]["name"] == OTHER


@both
def test_a_short_secret_is_warned_of(provider: str) -> None:
    secret = {"sendclean": "token", "sendcloud": "api_key"}[provider]
    options = {**CONNECTION[provider], "provider": provider}
    with provider_that_says(answers(provider)):
        (line,) = run_module("tracking_domain_info", {**options, secret: "1234567"}).warnings
        assert "fewer than 8 characters" in line
        assert not run_module("tracking_domain_info", {**options, secret: "12345678"}).warnings


NASTY = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e\r\n"


@both
@pytest.mark.parametrize("what", RUNS)
@pytest.mark.parametrize("check", [False, True])
def test_no_command_to_the_terminal_reaches_the_screen(
    provider: str, what: str, check: bool
) -> None:
    said = answers(provider, lambda name, number: row(provider, NASTY + name, number))
    said["error"] |= {"message": NASTY, "name": NASTY}
    for body in (said, said | dict.fromkeys(("add", "addTrackingDomain"), said["error"])):
        with provider_that_says(body):
            assert_showable(play(provider, what, check=check))
    with provider_that_says(dict.fromkeys(said, NASTY.encode())):
        assert_showable(play(provider, what, check=check))


@both
@pytest.mark.parametrize("what", RUNS)
def test_a_name_of_200_kb_makes_no_message_of_200_kb(provider: str, what: str) -> None:
    said = answers(provider, lambda name, number: row(provider, "x" * 200_000 + name, number))
    said["error"]["message"] = "y" * 200_000 + " " + "z y" * 70_000
    for body in (said, dict.fromkeys(said, said["error"])):
        with provider_that_says(body):
            assert_showable(play(provider, what))


# --- whatever it may be -------------------------------------------------------------------------------

TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            "0001-01-01 00:00:00",
            "9999-12-31 23:59:59",
            NASTY,
            "a\0b",
            "x" * 5000,
            "9" * 5000,
            "true",
            "Yes",
            "{}",
            "[1]",
            '{"data": 1}',
            SECRET,
            quote(SECRET, safe=""),
            escape(SECRET),
            "__ansible_type",
            "{{ lookup('pipe', 'id') }}",
            NAME,
            f"{NAME.upper()}.",
            "*.example.com",
            "-1",
            "1e5",
        ]
    ),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 1, 2, 200, 2**63, 10**39, 10**300]),
    st.floats(),
    TEXTS,
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(TEXTS, st.sampled_from(["__ansible_type", "valid", "domain", "name", "id"])),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=8,
)
STATUS = st.sampled_from([200, 200, 200, 201, 400, 401, 403, 404, 429, 500, 501, 503])


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything within an answer, itself included."""
    yield way
    if isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*way, key))


def replaced(value: Any, way: tuple[Any, ...], by: Any) -> Any:
    if not way:
        return by
    made = copy.copy(value)
    made[way[0]] = replaced(value[way[0]], way[1:], by)
    return made


@st.composite
def odd_answers(draw: Any, provider: str) -> tuple[dict[str, Body], int]:
    said = answers(provider)
    if draw(st.integers(0, 3)) == 0:
        said = dict.fromkeys(said, said["error"])
    for _time in range(draw(st.integers(1, 2))):
        action = draw(st.sampled_from(sorted(said)))
        way = draw(st.sampled_from(list(places(said[action])) if said[action] else [()]))
        said[action] = replaced(said[action], way, draw(VALUES))
    return said, draw(STATUS)


def fuzzed(provider: str) -> Any:
    def run(said: tuple[dict[str, Body], int], what: str, check: bool) -> None:
        with provider_that_says(*said):
            assert_showable(play(provider, what, check=check))

    run = given(odd_answers(provider), st.sampled_from(sorted(RUNS)), st.booleans())(run)
    return settings(
        max_examples=150,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )(run)


test_any_answer_of_sendclean_gives_a_result = fuzzed("sendclean")
test_any_answer_of_sendcloud_gives_a_result = fuzzed("sendcloud")


@both
@pytest.mark.parametrize(
    "body",
    [b"", b"\0", b"\xff\xfe", b"null", b"[]", b"0", b'"x"', nested(999), nested(99_999)],
    ids=range(9),
)
@pytest.mark.parametrize("status", [200, 302, 401, 429, 503])
def test_any_body_gives_a_result(provider: str, body: bytes, status: int) -> None:
    said = dict.fromkeys(answers(provider), body)
    for what in ("info", "add"):
        with provider_that_says(said, status):
            ran = play(provider, what)
        assert ran.failed
        assert_showable(ran)
