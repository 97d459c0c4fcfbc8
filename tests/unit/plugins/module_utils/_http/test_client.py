# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes over the wire, what may be repeated, and what never shows."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import requests
import urllib3

from ansible_collections.mailops.email.plugins.module_utils._errors import (
    TrackingError,
    UnclearOutcome,
)
from ansible_collections.mailops.email.plugins.module_utils._http import bounds
from ansible_collections.mailops.email.plugins.module_utils._http.answer import Answer
from ansible_collections.mailops.email.plugins.module_utils._http.client import (
    HttpClient,
    check_base_url,
)
from ansible_collections.mailops.email.plugins.module_utils._http.redaction import MASK, Redactor
from ansible_collections.mailops.email.tests.support.certificates import Authority, Issued
from ansible_collections.mailops.email.tests.unit.doubles import Wire

OPERATION = "add tracking domain t.example.com at SendCloud"


def interpret(answer: Answer) -> Any:
    """A provider's reading: `error` holds our code for it, `code` the provider's."""
    if "error" in answer.body:
        raise TrackingError(
            answer.body["error"],
            f"the vendor says {answer.body.get('message')}",
            vendor_code=answer.body.get("code"),
            vendor_message=answer.body.get("message"),
        )
    return answer.body


def post(made: Wire, *, write: bool = False, **body: Any) -> Any:
    body = body or {"form": {"name": "t.example.com"}}
    return made.http.post("add", operation=OPERATION, write=write, interpret=interpret, **body)


def error_of(made: Wire, *, write: bool = False) -> TrackingError:
    with pytest.raises(TrackingError) as caught:
        post(made, write=write)
    error = caught.value
    assert str(error).startswith(f"Could not {OPERATION}: ")
    assert (error.operation, error.provider) == (OPERATION, "sendcloud")
    return error


@pytest.fixture(params=[False, True], ids=["read", "write"])
def write(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


# --- what is sent --------------------------------------------------------------------------------


def test_a_form_is_percent_encoded_and_json_is_json() -> None:
    with Wire() as made:
        form = {"certContent": "a+b/c=\nd &é", "id": "1"}
        made.script.expect("add", form=form, answer={"ok": 1})
        made.script.expect("add", body={"owner_id": "1", "domain": "é"}, answer={"ok": 2})
        assert post(made, form=form) == {"ok": 1}
        assert post(made, json_body={"owner_id": "1", "domain": "é"}) == {"ok": 2}
    assert "a%2Bb%2Fc%3D%0Ad+%26" in made.script.requests[0].body
    for request in made.script.requests:
        assert request.headers["Accept"] == "application/json"
        assert request.headers["User-Agent"].startswith("mailops.email")


def test_any_method_and_headers_of_one_request_alone() -> None:
    with Wire() as made:

        def ask(method: str, path: str, **headers: str) -> Any:
            return made.http.request(
                method,
                path,
                operation="do it",
                write=False,
                interpret=lambda answer: answer.body,
                headers=headers or None,
            )

        made.script.expect("a", method="GET", credentials="key", answer={"ok": 1})
        made.script.expect("a/b", method="DELETE", answer=b"", status=204)
        assert ask("GET", "a", Authorization="key") == {"ok": 1}
        assert ask("DELETE", "a/b") is None, "nothing is as good as any JSON"


@pytest.mark.parametrize("value", ["käy", "a\nb", "a\rb", "\x00"])
def test_a_header_that_cannot_be_sent_is_refused_without_repeating_it(value: str) -> None:
    made = Wire(secrets=[value])
    with pytest.raises(TrackingError) as caught:
        made.http.request(
            "GET",
            "a",
            operation="do it",
            write=True,
            interpret=interpret,
            headers={"Authorization": value},
        )
    assert not isinstance(caught.value, UnclearOutcome), "nothing was sent"
    assert caught.value.code == "validation"
    assert "the header Authorization cannot be sent" in str(caught.value)
    assert value not in str(caught.value)


def test_a_netrc_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script refuses an Authorization header; requests would add one from this file."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.example.net login me password hush\ndefault login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Wire() as made:
        made.script.expect("add", answer={})
        post(made)


def test_the_timeout_and_the_trust_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []
    with Wire(timeout=7.5, verify="/etc/ca.pem") as made:
        made.script.expect("add", answer={})
        send = made.script.send
        monkeypatch.setattr(
            made.script, "send", lambda request, **more: [seen.append(more), send(request)][1]
        )
        post(made)
    assert (seen[0]["timeout"], seen[0]["verify"]) == (7.5, "/etc/ca.pem")


@pytest.mark.parametrize("status", [200, 201, 400, 401, 404, 500, 501])
def test_the_body_is_read_at_every_http_status(status: int, write: bool) -> None:
    with Wire() as made:
        made.script.expect("add", status=status, answer={"fine": True})
        assert post(made, write=write) == {"fine": True}


def test_a_byte_order_mark_is_no_harm() -> None:
    with Wire() as made:
        made.script.expect("add", answer=b'\xef\xbb\xbf{"fine": true}')
        assert post(made) == {"fine": True}


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (rb'{"message": "\ud83d!", "\udc00": [{"a": "\uD800"}]}', "\ufffd"),
        (rb'{"message": "\ud83d\ude00!", "\ud83d\ude00": [{"a": "\ud83d\ude00"}]}', "\U0001f600"),
    ],
)
def test_half_a_character_is_replaced_and_a_whole_one_kept(sent: bytes, read: str) -> None:
    """JSON can spell half of a pair; no output can hold it, and Ansible would drop the whole result."""
    with Wire() as made:
        made.script.expect("add", answer=sent)
        assert post(made) == {"message": f"{read}!", read: [{"a": read}]}


# --- what may be repeated ------------------------------------------------------------------------


def lost() -> Exception:
    return requests.exceptions.ConnectionError(
        urllib3.exceptions.ProtocolError("aborted", ConnectionResetError(104, "reset by peer"))
    )


def refused() -> Exception:
    reason = urllib3.exceptions.NewConnectionError(None, "refused")  # type: ignore[arg-type]
    return requests.exceptions.ConnectionError(
        urllib3.exceptions.MaxRetryError(None, "/", reason)  # type: ignore[arg-type]
    )


def tls(error: Exception) -> Exception:
    reason = urllib3.exceptions.SSLError(error)
    return requests.exceptions.SSLError(
        urllib3.exceptions.MaxRetryError(None, "/", reason)  # type: ignore[arg-type]
    )


UNCLEAR: dict[str, dict[str, Any]] = {
    "connection lost": {"fails": lost()},
    "no answer in time": {"fails": requests.exceptions.ReadTimeout("read timed out")},
    "answer broke off": {"fails": requests.exceptions.ChunkedEncodingError("broken")},
    "TLS broke off": {"fails": tls(ssl.SSLEOFError(8, "EOF occurred"))},
    "502": {"status": 502, "answer": b"<html>Bad gateway</html>"},
    "503": {"status": 503, "answer": b""},
    "504": {"status": 504, "answer": b"<html>late</html>"},
    "503 with JSON": {"status": 503, "answer": {"error": "bad_response", "message": "busy"}},
}
REFUSED: dict[str, dict[str, Any]] = {
    "no connection": {"fails": refused()},
    "no connection in time": {"fails": requests.exceptions.ConnectTimeout("timed out")},
    "429 without JSON": {"status": 429, "answer": b"slow down"},
    "429 with JSON": {"status": 429, "answer": {"error": "bad_response", "code": 1}},
    "429 as a success": {"status": 429, "answer": {"error": "rate_limited"}},
    "the provider's own code": {"answer": {"error": "rate_limited", "code": 50000}},
}
UNREADABLE: dict[str, dict[str, Any]] = {
    "HTML": {"answer": b"<html>Login</html>"},
    "empty": {"answer": b""},
    "truncated": {"answer": b'{"result": true, "inf'},
    "invalid UTF-8": {"answer": b'{"message": "\xff\xfe"}'},
    "nested without end": {"answer": b"[" * 100_000},
    "500": {"status": 500, "answer": b"<html>oops</html>"},
}
CLEAR: dict[str, dict[str, Any]] = {
    "the provider's verdict": {"answer": {"error": "validation", "code": 1, "message": "no"}},
    "a verdict with no kind": {"answer": {"error": "bad_response", "message": "no"}},
    "an unknown code": {"answer": {"error": "bad_response", "code": 4711}},
    "401": {"status": 401, "answer": {"error": "authentication"}},
    "no trust": {"fails": tls(ssl.SSLCertVerificationError(1, "self-signed certificate"))},
    "no TLS": {"fails": tls(ssl.SSLError(1, "wrong version number"))},
}


def each(**tables: dict[str, dict[str, Any]]) -> Any:
    """One parameter for each entry of the tables."""
    entries = {key: what for table in tables.values() for key, what in table.items()}
    return pytest.mark.parametrize("what", entries.values(), ids=list(entries))


def doubtful(answer: Answer) -> Any:
    """A provider's reading that cannot tell whether a write took effect."""
    raise UnclearOutcome("bad_response", "its server failed", vendor_code=501, vendor_message="oh")


def test_a_rate_limit_that_stays_is_a_refusal_whatever_the_provider_calls_it() -> None:
    """SendClean's answer to one call too many is a GeneralError, which at another status is unclear."""
    with Wire(retries=0) as made:
        made.script.expect("add", status=429, answer={})
        with pytest.raises(TrackingError) as caught:
            made.http.post("add", operation=OPERATION, write=True, interpret=doubtful, form={})
    assert not isinstance(caught.value, UnclearOutcome)
    assert (caught.value.code, caught.value.vendor_code) == ("rate_limited", 501)


@pytest.mark.parametrize("status", [200, 400, 500])
def test_what_the_provider_calls_unclear_is_so_for_a_write_alone(status: int, write: bool) -> None:
    with Wire() as made:
        made.script.expect("add", status=status, answer={})
        with pytest.raises(TrackingError) as caught:
            made.http.post("add", operation=OPERATION, write=write, interpret=doubtful)
    assert isinstance(caught.value, UnclearOutcome) == write
    assert (caught.value.vendor_code, caught.value.http_status) == (501, status)


@pytest.mark.parametrize(("code", "unclear"), [("authentication", False), ("validation", True)])
def test_a_failing_server_s_verdict_is_unclear_but_for_refused_credentials(
    code: str, unclear: bool
) -> None:
    with Wire() as made:
        made.script.expect("add", status=500, answer={"error": code, "code": 1})
        assert isinstance(error_of(made, write=True), UnclearOutcome) == unclear


@each(unclear=UNCLEAR, refused=REFUSED)
def test_a_read_is_repeated(what: dict[str, Any]) -> None:
    with Wire() as made:
        made.script.expect("add", **what).expect("add", **what).expect("add", answer={"fine": 1})
        assert post(made) == {"fine": 1}
    assert len(made.lines) == 2, "each retry is logged"
    assert all(OPERATION in line and "trying again after" in line for line in made.lines)
    assert "(1 of 5)" in made.lines[0]
    assert "(2 of 5)" in made.lines[1]


@each(refused=REFUSED)
def test_a_write_that_was_turned_away_is_repeated(what: dict[str, Any]) -> None:
    with Wire() as made:
        made.script.expect("add", **what).expect("add", answer={"fine": 1})
        assert post(made, write=True) == {"fine": 1}


@each(unclear=UNCLEAR, unreadable=UNREADABLE)
def test_a_write_with_an_unclear_outcome_is_sent_once(what: dict[str, Any]) -> None:
    with Wire() as made:
        made.script.expect("add", **what)
        assert isinstance(error_of(made, write=True), UnclearOutcome)
    assert made.slept == []


@each(clear=CLEAR)
def test_a_clear_verdict_is_final(what: dict[str, Any], write: bool) -> None:
    with Wire() as made:
        made.script.expect("add", **what)
        assert not isinstance(error_of(made, write=write), UnclearOutcome)


@each(unreadable=UNREADABLE)
def test_an_unreadable_answer_to_a_read_is_an_error_at_once(what: dict[str, Any]) -> None:
    with Wire() as made:
        made.script.expect("add", **what)
        error = error_of(made)
    assert error.code == "bad_response"
    assert error.http_status == what.get("status", 200)
    assert f"HTTP {error.http_status}" in error.message


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize("answer", [b"<html>busy</html>", b"", {"error": "bad_response"}])
def test_a_provider_that_is_down_is_said_to_be_so(status: int, answer: Any, write: bool) -> None:
    """Nobody is sent to look for a mistake in the address."""
    with Wire(retries=0) as made:
        made.script.expect("add", status=status, answer=answer)
        error = error_of(made, write=write)
    assert f"SendCloud is down or overloaded (HTTP {status}): try again later." in str(error)
    assert "address" not in str(error)


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_retries_are_bounded_and_told(retries: int) -> None:
    with Wire(retries=retries) as made:
        for _time in range(retries + 1):
            made.script.expect("add", fails=lost())
        error = error_of(made)
    assert error.code == "network"
    assert "reset by peer" in error.message
    assert ("tried" in error.message) == bool(retries)
    waits = [0.5 * 2**n for n in range(retries)]
    assert all(w <= s <= 1.25 * w for w, s in zip(waits, made.slept, strict=True))


def test_both_the_verdict_and_its_words_survive_the_retries() -> None:
    with Wire(retries=1) as made:
        for _time in range(2):
            what = {"error": "rate_limited", "code": 50001, "message": "frequency"}
            made.script.expect("add", answer=what)
        error = error_of(made, write=True)
    assert (error.code, error.vendor_code, error.vendor_message) == (
        "rate_limited",
        50001,
        "frequency",
    )
    assert error.http_status == 200


# --- rate limits ---------------------------------------------------------------------------------


def in_seconds() -> str:
    """A date that is right when the test asks for it."""
    return format_datetime(datetime.now(timezone.utc) + timedelta(seconds=20), usegmt=True)


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("7", 6.9, 7),
        ("0", 0.9, 1),
        ("600", 59.9, 60),
        (in_seconds, 15, 20),
        ("Sat, 01 Jan 2000 00:00:00 GMT", 0.9, 1),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 59.9, 60),
        ("soon", 1.9, 2.5),
        (None, 1.9, 2.5),
    ],
)
def test_as_long_as_the_provider_asks_for(
    header: str | Callable[[], str] | None, least: float, most: float, write: bool
) -> None:
    header = header() if callable(header) else header
    with Wire() as made:
        headers = {"Retry-After": header} if header else {}
        made.script.expect("add", status=429, headers=headers, answer={"error": "rate_limited"})
        made.script.expect("add", answer={})
        post(made, write=write)
    (slept,) = made.slept
    assert least <= slept <= most


def test_who_is_told_of_too_many_requests_is_told_how_many_are_allowed() -> None:
    with Wire(retries=0, rate_hint="Sixty a minute.") as made:
        made.script.expect("add", status=429, answer=b"slow down")
        with pytest.raises(TrackingError) as caught:
            post(made)
    assert caught.value.hint == "Sixty a minute."


def test_one_thread_told_to_wait_holds_all_back() -> None:
    with Wire() as made:
        made.script.expect("add", status=429, headers={"Retry-After": "30"}, answer=b"")
        made.script.expect("add", answer={}).expect("add", answer={})

        def another_thread(_seconds: float) -> None:
            made.http.sleep = made.clock.sleep
            thread = threading.Thread(target=post, args=(made,))
            thread.start()
            thread.join()
            assert len(made.script.requests) == 2

        made.http.sleep = another_thread
        post(made)
    assert made.slept == [30], "the other one waited as well"


def test_who_was_held_back_looks_again_before_going_on() -> None:
    with Wire() as made:
        made.script.expect("add", answer={})
        close_for = made.http._gate.close_for
        said = TrackingError("rate_limited", "slow down")

        def told_meanwhile(seconds: float) -> None:
            made.clock.sleep(seconds)
            if len(made.slept) == 1:
                close_for(20, said)

        made.http.sleep = told_meanwhile
        close_for(30, said)
        post(made)
    assert made.slept == [30, 20]


# --- a deadline ------------------------------------------------------------------------------------


def test_no_pause_goes_beyond_a_deadline(write: bool) -> None:
    with Wire() as made:
        made.script.expect(
            "add",
            status=429,
            headers={"Retry-After": "30"},
            answer={"error": "rate_limited", "code": 7, "message": "slow down"},
        )
        with made.http.within(20):
            error = error_of(made, write=write)
            assert (error.code, error.vendor_code, error.http_status) == ("rate_limited", 7, 429)
            held = error_of(made, write=write)
            assert held is not error
            assert held.as_failure() == error.as_failure(), "and nobody is asked again in vain"
        made.clock.now += 20
        made.script.expect("add", answer={})
        with made.http.within(20):
            post(made, write=write)
    assert made.slept == [10]


def test_tries_end_with_the_deadline() -> None:
    with Wire(retries=100) as made:
        for _time in range(5):
            made.script.expect("add", fails=lost())
        with made.http.within(10):
            assert "(tried 5 times)" in error_of(made).message
    assert 7.5 <= made.clock.now <= 10


@pytest.mark.parametrize(
    ("within", "timeout"), [(None, 30), (60, 30), (7, 7), (0.5, 2), (0, 2), (-9, 2)]
)
def test_no_answer_is_waited_for_beyond_a_deadline(
    within: float | None, timeout: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[float] = []
    with Wire() as made:
        made.script.expect("add", answer={}).expect("add", answer={})
        send = made.script.send
        monkeypatch.setattr(
            made.script,
            "send",
            lambda request, **more: [seen.append(more["timeout"]), send(request)][1],
        )
        with made.http.within(within):
            post(made)
        post(made)
    assert seen == [timeout, 30]


def test_a_deadline_is_the_thread_s_own() -> None:
    with Wire() as made:
        made.script.expect("add", fails=lost()).expect("add", answer={})
        with made.http.within(0):
            thread = threading.Thread(target=post, args=(made,))
            thread.start()
            thread.join()
    assert len(made.slept) == 1


# --- redirects -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_said_to_be_one(status: int, write: bool) -> None:
    with Wire() as made:
        made.script.expect("add", status=status, headers={"Location": "https://evil.example.org/x"})
        error = error_of(made, write=write)
    assert error.code == "bad_response"
    assert "redirects to evil.example.org" in error.message
    assert error.http_status == status


@pytest.mark.parametrize("location", ["", "/login", "http://[", "http://a:b:c", "mailto:a@b"])
def test_a_redirect_to_nowhere_is_told_like_any_other(location: str) -> None:
    with Wire() as made:
        made.script.expect("add", status=302, headers={"Location": location})
        error = error_of(made)
    assert (error.code, error.http_status) == ("bad_response", 302)
    assert "redirects to " in error.message


# --- secrets -------------------------------------------------------------------------------------

SECRETS = [
    "s3cr3t",
    "a+b/c=d&e f",
    'quote"back\\slash',
    'it\'s <both> "ways"',
    "schlüssel/ß",
    "-----BEGIN PRIVATE KEY-----\nMIGH+AgEA/MBM=\nabc\n-----END PRIVATE KEY-----\n",
]
SPELLINGS = {
    "as it is": lambda text: text,
    "JSON": lambda text: json.dumps({"key": text}),
    "JSON, not ASCII": lambda text: json.dumps({"key": text}, ensure_ascii=False),
    "JSON of PHP": lambda text: json.dumps({"key": text}).replace("/", "\\/"),
    "form": quote_plus,
    "URL": quote,
    "whole URL": lambda text: quote(text, safe=""),
    "URL in lower case": lambda text: re.sub("%..", lambda m: m[0].lower(), quote(text, safe="")),
    "HTML": escape,
    "without its line breaks": lambda text: " ".join(text.split()),
}


@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=list(SPELLINGS))
def test_a_secret_is_taken_out_in_any_spelling(secret: str, spell: Any) -> None:
    spelled = spell(secret)
    redacted = Redactor([secret])(f"cannot process {spelled}!")
    assert MASK in redacted
    body = max(secret.split(), key=len)
    assert body not in redacted
    assert quote_plus(body) not in redacted


@pytest.mark.parametrize("secret", ["abc\udcffdef", "\ud800/x", "a\0b"])
def test_a_secret_that_is_no_text_is_taken_out_as_well(secret: str) -> None:
    octets = secret.encode("utf-8", "surrogatepass")
    for spelled in (secret, json.dumps(secret), quote_plus(octets)):
        assert MASK in Redactor([secret])(f"cannot process {spelled}!")


@pytest.mark.parametrize(
    "hide",
    [
        lambda text: quote(quote(text, safe=""), safe=""),
        lambda text: "".join(f"%{octet:02x}" for octet in text.encode()),
        lambda text: "".join(f"&#x{ord(char):x};" for char in text),
        lambda text: quote(escape(text)),
        lambda text: json.dumps(json.dumps(json.dumps(text))),
    ],
)
@pytest.mark.parametrize("secret", [*SECRETS, "50%41&lt;\\u0041"], ids=range(len(SECRETS) + 1))
def test_nothing_is_left_of_what_hides_a_secret_in_another_way(secret: str, hide: Any) -> None:
    if hide(secret) == secret:
        return
    assert MASK in Redactor([secret])(f"cannot process {hide(secret)}!")


@pytest.mark.parametrize("text", ["100 %", "a &amp; b", "C:\\x", "%41%zz\\u00", "&#xffffff;"])
def test_quoted_text_without_a_secret_stays(text: str) -> None:
    assert Redactor(["hush"])(text) == text


def test_the_beginning_of_a_long_text_ends_in_no_half_of_a_secret() -> None:
    secret = "hush" * 500
    for before in range(0, 70_000, 1777):
        text = f"{'x' * before}{secret}{'x' * 70_000}"
        for most in (300, 100_000):
            assert "hush" not in Redactor([secret]).beginning(text, most)


def test_a_secret_within_another_leaves_no_rest() -> None:
    assert Redactor(["abc", "abcdef"])("x abcdef abc") == f"x {MASK} {MASK}"


@pytest.mark.parametrize("nothing", [[], [""], ["  "]])
def test_no_secret_no_change(nothing: list[str]) -> None:
    assert Redactor(nothing)("a b  c") == "a b  c"


@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
@pytest.mark.parametrize(
    "what",
    [
        {"answer": lambda s: {"error": "validation", "code": f"E {s}", "message": f"bad {s}"}},
        {"answer": lambda s: {"error": "validation", "message": json.dumps({"apiKey": s})}},
        {"answer": lambda s: f"<html>{escape(s)} {s} {quote_plus(s)}</html>".encode()},
        # Half of a secret at a place where the text is cut.
        *({"answer": lambda s, n=n: f"{'x' * n}{s}".encode()} for n in (190, 196, 1996)),
        {"status": 429, "answer": lambda s: {"error": "rate_limited", "message": s}},
        {"fails": lambda s: requests.exceptions.ConnectionError(f"cannot reach https://h/?k={s}")},
    ],
    ids=lambda what: next(iter(what)),
)
def test_no_secret_in_errors_or_log(secret: str, what: dict[str, Any]) -> None:
    known = {key: value(secret) if callable(value) else value for key, value in what.items()}
    with Wire(secrets=[secret], retries=1) as made:
        made.script.expect("add", **known)
        if "fails" in what or what.get("status") == 429:
            made.script.expect("add", **known)
        error = error_of(made)
    shown = "\n".join([str(error), str(error.as_failure()), *made.lines])
    for part in max(secret.split(), key=len), secret[:6]:
        if len(part) > 5:
            assert part not in shown


def test_secrets_can_be_added_later() -> None:
    redact = Redactor(["one"])
    redact.add("two")
    assert redact("one two") == f"{MASK} {MASK}"


# --- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com/v1.0",
        "https://api.example.com/v1.0/",
        "HTTPS://api.example.com",
        "http://127.0.0.1:8080/api",
        "http://127.9.9.9",
        "http://localhost:1",
        "http://[::1]:8080/api",
    ],
)
def test_https_anywhere_and_http_to_loopback(url: str) -> None:
    assert check_base_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://api.example.com", "unencrypted"),
        ("http://127.0.0.1.example.com", "unencrypted"),
        ("http://localhost.example.com", "unencrypted"),
        ("http://192.0.2.1", "unencrypted"),
        ("http://0.0.0.0", "unencrypted"),
        ("http://[2001:db8::1]/", "unencrypted"),
        ("https://me:hush@api.example.com", "a user name"),
        ("https://me@api.example.com", "a user name"),
        ("https://api.example.com/?key=hush", "a query"),
        ("https://api.example.com/#hush", "a fragment"),
        ("ftp://api.example.com", "not an http or https URL"),
        ("api.example.com/v1", "not an http or https URL"),
        ("https:///v1", "not an http or https URL"),
        ("https://[", "not a URL"),
        ("https://api.example.com:x", "not a URL"),
    ],
)
def test_other_addresses_are_refused_without_repeating_them(url: str, why: str) -> None:
    with pytest.raises(TrackingError, match=why) as caught:
        check_base_url(url)
    assert caught.value.code == "validation"
    assert "hush" not in str(caught.value)


def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("host", "proxy"),
    [
        (".example.com", None),
        ("a..example.com", None),
        ("*.example.com", None),
        ("\udcff.example.com", None),
        ("127.0.0.1:9", "http://"),
        ("127.0.0.1:9", "http://me:hush@[bad"),
        ("127.0.0.1:9", "http://me:hush@.bad:1"),
        ("127.0.0.1:9", "http://me:hush@bad:99999999"),
        ("127.0.0.1:9", "ftp://me:hush@bad:1"),
    ],
)
def test_an_address_that_is_none_is_refused_before_anything_is_sent(
    host: str, proxy: str | None, write: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_proxies(monkeypatch)
    if proxy:
        monkeypatch.setenv("https_proxy", proxy)
    with pytest.raises(TrackingError, match="cannot be reached") as caught:
        ask(real(f"https://{host}/api", retries=3), write=write)
    assert caught.value.code == "validation"
    assert not isinstance(caught.value, UnclearOutcome)
    assert "https_proxy" in str(caught.value.hint)
    assert "hush" not in str(caught.value)


def test_a_proxy_that_needs_another_library_says_so(
    write: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where PySocks is missing, whether it is here or not."""
    without_proxies(monkeypatch)

    def missing(*_args: Any, **_more: Any) -> Any:
        raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")

    monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", missing)
    monkeypatch.setenv("https_proxy", "socks5://me:hush@127.0.0.1:9")
    with pytest.raises(TrackingError, match="PySocks is missing") as caught:
        ask(real("https://127.0.0.1:9", retries=3), write=write)
    assert caught.value.code == "dependency"
    assert not isinstance(caught.value, UnclearOutcome)
    assert "pip install PySocks" in str(caught.value.hint)
    assert "hush" not in str(caught.value)


def test_a_kind_of_socks_that_there_is_none_of(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxies(monkeypatch)

    def unknown(proxy: str, **_more: Any) -> Any:
        raise ValueError(f"Unable to determine SOCKS version from {proxy}")

    monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", unknown)
    monkeypatch.setenv("https_proxy", "socks9://me:hush@127.0.0.1:9")
    with pytest.raises(TrackingError, match="cannot be reached") as caught:
        ask(real("https://127.0.0.1:9"))
    assert caught.value.code == "validation"
    assert "hush" not in str(caught.value)


TRUST_VARIABLES = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]


@pytest.mark.parametrize("variable", TRUST_VARIABLES)
def test_a_file_of_cas_that_is_not_there(
    variable: str, write: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in TRUST_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, "/no/such/file")
    with pytest.raises(TrackingError, match="/no/such/file") as caught:
        ask(real("https://127.0.0.1:9", retries=3), write=write)
    assert caught.value.code == "validation"
    assert not isinstance(caught.value, UnclearOutcome)
    assert variable in str(caught.value.hint)


# --- over real sockets ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def issued(request: pytest.FixtureRequest) -> Issued:
    return Authority.root().issue(*getattr(request, "param", ("localhost", "127.0.0.1")))


@pytest.fixture
def tls_server(issued: Issued, tmp_path: Path) -> Iterator[str]:
    """Answers one JSON object to whoever trusts it."""
    (tmp_path / "cert.pem").write_text(issued.leaf)
    (tmp_path / "key.pem").write_text(issued.key)
    (tmp_path / "root.pem").write_text(issued.root)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _peer = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as connection:
                    # Closing with a part unread would reset the connection.
                    received = b"?"
                    while received and not received.endswith(b"a=b"):
                        received = connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            except OSError:
                plain.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def real(url: str, **options: Any) -> HttpClient:
    options = {"retries": 0, **options}
    return HttpClient(base_url=url, provider="sendcloud", title="SendCloud", **options)


def ask(client: HttpClient, *, write: bool = False) -> Any:
    return client.post("x", operation=OPERATION, write=write, interpret=interpret, form={"a": "b"})


def test_an_untrusted_certificate_is_refused(tls_server: str, write: bool) -> None:
    with pytest.raises(TrackingError, match="no trusted TLS connection") as caught:
        ask(real(tls_server, retries=3), write=write)
    assert caught.value.code == "network"
    assert not isinstance(caught.value, UnclearOutcome)
    assert "certificate" in caught.value.message
    assert "ca_path" in str(caught.value.hint)


def test_a_file_of_cas_without_any_is_named_although_ca_path_is_good(
    tls_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bundle.pem").write_text("nothing")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "bundle.pem"))
    with pytest.raises(TrackingError) as caught:
        ask(real(tls_server, ca_path=str(tmp_path / "root.pem")))
    assert "ca_path" in str(caught.value.hint)
    assert "REQUESTS_CA_BUNDLE" in str(caught.value.hint)


def test_a_private_authority_and_no_verification_at_all(tls_server: str, tmp_path: Path) -> None:
    assert ask(real(tls_server, ca_path=str(tmp_path / "root.pem"))) == {}
    assert ask(real(tls_server, verify=False)) == {}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost"])
@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_plain_http_never_goes_through_a_proxy(
    host: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy would read the credentials. Nobody listens at the base's own port."""
    without_proxies(monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(0)
        monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        with pytest.raises(TrackingError, match="refused"):
            ask(real(f"http://{host}:{port}", timeout=0.2))
        with pytest.raises(BlockingIOError):
            proxy.accept()


def test_https_goes_through_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxies(monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(5)
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        with pytest.raises(TrackingError):
            ask(real("https://api.example.net", timeout=0.2))
        connection, _peer = proxy.accept()
        with connection:
            assert connection.recv(1000).startswith(b"CONNECT api.example.net:443 ")


@pytest.mark.parametrize("issued", [("localhost",), ("127.0.0.2", "example.com")], indirect=True)
def test_a_trusted_certificate_of_another_name_is_refused(tls_server: str, tmp_path: Path) -> None:
    with pytest.raises(TrackingError, match="no trusted TLS connection") as caught:
        ask(real(tls_server, ca_path=str(tmp_path / "root.pem")))
    assert caught.value.code == "network"


def test_nobody_listens(write: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TrackingError, match="refused") as caught:
        ask(real(f"http://127.0.0.1:{port}"), write=write)
    assert caught.value.code == "network"
    assert not isinstance(caught.value, UnclearOutcome), "nothing was sent"


def test_a_time_out_names_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        connections = []

        def until_it_came(_finished: threading.Event, _seconds: float) -> None:
            """The call's time is over once it has come, however busy the machine is."""
            connections.append(listener.accept()[0])
            assert connections[0].recv(1)

        monkeypatch.setattr(bounds, "_wait", until_it_came)
        with pytest.raises(TrackingError, match=r"it was not complete within 7\.5 s") as caught:
            ask(real(f"http://127.0.0.1:{port}", timeout=7.5), write=True)
        connections[0].close()
    assert isinstance(caught.value, UnclearOutcome)
