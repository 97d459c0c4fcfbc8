# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one HTTP client. Private to this collection: no promise is made to others.

It knows TLS, time-outs, retries and secrets; it knows no provider. Which outcome may be retried:

============================================  ==============  ===========================
what happened                                 read            write
============================================  ==============  ===========================
rate limited (429, or the provider says so)   again           again: it was refused
no connection was made                        again           again: nothing was sent
connection lost, time-out, 502, 503, 504      again           unclear: the caller lists
other 5xx, a body that cannot be read         error           unclear: the caller lists
what the provider's own file calls unclear    error           unclear: the caller lists
a redirect, any other answer                  error           error
============================================  ==============  ===========================
"""

from __future__ import annotations

import contextlib
import ipaddress
import math
import os
import ssl
import threading
import time
import traceback
import typing as t
from datetime import datetime, timezone
from urllib.parse import urlsplit

from ansible_collections.mailops.email.plugins.module_utils._errors import (
    TrackingError,
    UnclearOutcome,
)
from ansible_collections.mailops.email.plugins.module_utils._http.answer import Answer, read_json
from ansible_collections.mailops.email.plugins.module_utils._http.bounds import (
    CODING,
    Call,
    Received,
    TooLate,
    in_time,
    receive,
    watched,
)
from ansible_collections.mailops.email.plugins.module_utils._http.redaction import Redactor
from ansible_collections.mailops.email.plugins.module_utils._http.retry import backoff, retry_after
from ansible_collections.mailops.email.plugins.module_utils._http.trust import add_private_cas
from ansible_collections.mailops.email.plugins.module_utils._text import readable, words

REQUESTS_IMPORT_ERROR: str | None
try:
    import requests
    import urllib3
    from urllib3.util.ssl_ import create_urllib3_context

    REQUESTS_IMPORT_ERROR = None
except ImportError:
    REQUESTS_IMPORT_ERROR = traceback.format_exc()

FIRST_WAIT = 0.5
TEMPORARY = (502, 503, 504)
# What an answer gets at least, however little time is left: a provider that verifies has to ask around.
LEAST_TIMEOUT = 2.0
# The environment's word for what requests trusts instead of the public CAs; it takes the first that is set.
_TRUST_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def check_base_url(url: str) -> str:
    """``url`` without a final slash.

    :raises TrackingError: ``validation`` for anything but https, or http to this very host; for user
        names, queries and fragments, which would end up in logs.
    """

    def refuse(why: str, hint: str) -> TrackingError:
        return TrackingError("validation", f"api_url cannot be used: {why}", hint=hint)

    example = "Give the full base URL, such as https://api.example.com/v1.0."
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise refuse("it is not a URL", example) from None
    if parts.username or parts.password or parts.query or parts.fragment:
        raise refuse("it has a user name, a query or a fragment", example)
    if parts.scheme not in ("http", "https") or not host:
        raise refuse("it is not an http or https URL", example)
    if parts.scheme == "http" and not _is_loopback(host):
        raise refuse(
            "plain http would send the credentials unencrypted",
            "Use https://; http:// is for test servers on a loopback address.",
        )
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class HttpClient:
    """One kept-alive session for one run of a module; safe to use from several threads.

    :param base_url: passed ``check_base_url``.
    :param timeout: seconds for each try of a call, from the connection to the answer's last byte.
    :param retries: how often to try again after the first time.
    :param verify: whether the server's certificate is checked.
    :param ca_path: private CAs to trust beside the public ones: see ``add_private_cas``.
    :param connections: how many threads will use it at once.
    :param secrets: what must never appear in an error or a log.
    :param title: the provider's name as people write it.
    :param rate_hint: how often the provider may be called.
    :param rate_limit_wait: seconds to wait at first where the provider turns calls away and does not
        say for how long.
    :param log: told of each retry, in a line.
    :param clock: seconds that only ever grow.
    """

    def __init__(
        self,
        *,
        base_url: str,
        provider: str,
        title: str,
        rate_hint: str | None = None,
        rate_limit_wait: float = FIRST_WAIT,
        timeout: float = 30.0,
        retries: int = 5,
        verify: bool = True,
        ca_path: str | None = None,
        connections: int = 1,
        secrets: t.Iterable[str] = (),
        log: t.Callable[[str], None] = lambda line: None,
        clock: t.Callable[[], float] = time.monotonic,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self._base_url = base_url
        self._provider = provider
        self._title = title
        self._rate_hint = rate_hint
        self._rate_limit_wait = rate_limit_wait
        self._timeout = timeout
        self._verify = verify
        self._log = log
        self.retries = retries
        self.sleep = sleep
        self.redact = Redactor(secrets)
        self._clock = clock
        self._gate = _Gate(clock)
        self._mine = threading.local()
        self._session = _Session()
        # Otherwise a ~/.netrc adds an Authorization header; proxies from the environment stay,
        # but for plain http: it is for this very host, and a proxy would get the credentials to read.
        self._session.auth = lambda request: request
        self._session.trust_env = urlsplit(base_url).scheme != "http"
        self._session.headers["Accept"] = "application/json"
        self._session.headers["Accept-Encoding"] = CODING
        self._session.headers["User-Agent"] = "mailops.email (Ansible collection)"
        context = None
        if verify and ca_path:
            # Of urllib3's make: before 2.0 it compares names itself, for that Python would not take
            # an address for one.
            context = create_urllib3_context()
            context.load_default_certs()
            add_private_cas(context, ca_path)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, _Adapter(context, pool_maxsize=connections))
        if verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def close(self) -> None:
        self._session.close()

    def post(self, path: str, **how: t.Any) -> t.Any:
        """A POST: see ``request``."""
        return self.request("POST", path, **how)

    def request(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        write: bool,
        interpret: t.Callable[[Answer], t.Any],
        headers: t.Mapping[str, str] | None = None,
        json_body: dict[str, t.Any] | None = None,
        form: dict[str, t.Any] | None = None,
    ) -> t.Any:
        """Send, try again where that is safe, and return what ``interpret`` makes of the answer.

        :param path: joined to the base with a slash.
        :param headers: those of this request alone, such as one that has the credentials.
        :param interpret: returns the useful part of an answer or raises a ``TrackingError``:
            with ``rate_limited`` where the provider asks to slow down; as an ``UnclearOutcome`` where a
            write may have taken effect all the same. To a read that is an error like any other.
        :raises UnclearOutcome: a write that may or may not have taken effect.
        :raises TrackingError: ``network``, ``bad_response``, or what ``interpret`` raised.
        """
        self._check_headers(headers or {}, operation)
        what = {"method": method, "url": f"{self._base_url}/{path}", "headers": headers}
        what.update(json=json_body, data=form)
        attempt = 0
        while True:
            wait: float | None = None
            try:
                return self._once(what, operation, write, interpret)
            except _Again as again:
                error, wait = again.error, again.wait
            limited = error.code == "rate_limited"
            if wait is None:
                wait = backoff(attempt, first=self._rate_limit_wait if limited else FIRST_WAIT)
            last = attempt >= self.retries
            if limited and not last:
                self._gate.close_for(wait, error)
            if last or wait > self._left():
                if attempt:
                    error.message += f" (tried {attempt + 1} times)"
                raise error
            if not limited:
                self.sleep(wait)
            attempt += 1
            self.log(
                f"{operation}: {error.message}; trying again after {wait:.1f} s "
                f"({attempt} of {self.retries})"
            )

    @contextlib.contextmanager
    def within(self, seconds: float | None) -> t.Iterator[None]:
        """What this thread does in here ends in about so many seconds; None: whenever it ends.

        No pause goes beyond, and no answer is waited for longer, but for ``LEAST_TIMEOUT``. A call
        fails with the error that it would have paused for.
        """
        self._mine.deadline = None if seconds is None else self._clock() + seconds
        try:
            yield
        finally:
            self._mine.deadline = None

    def _left(self) -> float:
        deadline = getattr(self._mine, "deadline", None)
        return math.inf if deadline is None else deadline - self._clock()

    def log(self, line: str) -> None:
        """Write a line to the log, without secrets."""
        self._log(readable(self.redact(f"{self._title}: {line}")))

    def _check_headers(self, headers: t.Mapping[str, str], operation: str) -> None:
        for name, value in headers.items():
            if not (value.isascii() and value.isprintable()):
                raise self._error(
                    "validation",
                    f"the header {name} cannot be sent: it contains characters that are not ASCII",
                    operation,
                    hint="Check the credentials, and where they come from.",
                )

    def _once(
        self,
        what: dict[str, t.Any],
        operation: str,
        write: bool,
        interpret: t.Callable[[Answer], t.Any],
    ) -> t.Any:
        self._wait_at_gate(operation)
        timeout = min(self._timeout, max(LEAST_TIMEOUT, self._left()))
        call = Call()
        try:
            received = in_time(call, timeout, lambda: self._fetch(what, timeout))
        except TooLate:
            why = f"it was not complete within {timeout:.3g} s"
            error = self._no_answer(why if call.sent else _no_connection(timeout), operation)
            raise (_lost(error, write) if call.sent else _Again(error)) from None
        except (
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidSchema,
            urllib3.exceptions.LocationValueError,
        ) as exc:
            raise self._no_way(exc, operation) from None
        except requests.exceptions.SSLError as exc:
            error = self._error(
                "network",
                f"no trusted TLS connection to {self._host()}: {_reason_of(exc)}",
                operation,
                hint="Check api_url and ca_path; a proxy that opens TLS needs its CA in ca_path."
                + _trust_hint(),
            )
            # A connection that ends within TLS may do so after the request has arrived.
            broke_off = isinstance(_innermost(exc), (ssl.SSLEOFError, ssl.SSLZeroReturnError))
            raise (_lost(error, write) if broke_off else error) from None
        except (requests.exceptions.ConnectionError, requests.exceptions.Timeout) as exc:
            unsent = call.unsent or _nothing_was_sent(exc)
            error = self._no_answer(_what_failed(exc, timeout, unsent), operation)
            raise (_Again(error) if unsent else _lost(error, write)) from None
        except requests.exceptions.RequestException as exc:
            error = self._error("network", f"the answer broke off: {_reason_of(exc)}", operation)
            raise _lost(error, write) from None
        except (OSError, ValueError) as exc:
            # As requests tells of a file of CAs that is not there, and urllib3 of a kind of SOCKS that
            # there is none of.
            raise self._no_way(exc, operation) from None
        return self._judge(received, operation, write, interpret)

    def _fetch(self, what: dict[str, t.Any], timeout: float) -> Received:
        """Send, and read the answer, in a thread of its own: see ``in_time``."""
        with self._session.request(
            **what,
            timeout=timeout,
            allow_redirects=False,
            verify=self._verify,
            stream=True,
        ) as response:
            try:
                return receive(response)
            except urllib3.exceptions.HTTPError as exc:
                raise requests.exceptions.ChunkedEncodingError(exc) from None

    def _no_answer(self, why: str, operation: str) -> TrackingError:
        return self._error(
            "network",
            f"no answer from {self._host()}: {why}",
            operation,
            hint="Check the network, the proxy settings and the provider's status page.",
        )

    def _no_way(self, exc: Exception, operation: str) -> TrackingError:
        """What is wrong with the surroundings, so that nothing was sent."""
        # Of addresses nothing is repeated: whose it is does not show, and a proxy's may have a password.
        code = "validation"
        why = "the URL of the API or of a proxy is not valid"
        hint = "Check api_url, and https_proxy and all_proxy in the environment."
        if isinstance(exc, requests.exceptions.InvalidSchema) and "SOCKS" in str(exc):
            code = "dependency"
            why = "the environment names a SOCKS proxy, and the Python library PySocks is missing"
            hint = (
                "Install it for the Python that runs the module (pip install PySocks), or set another "
                "kind of proxy in https_proxy and all_proxy."
            )
        elif not isinstance(exc, ValueError):
            why, hint = _reason_of(exc), _trust_hint().strip()
        return self._error(
            code, f"{self._host()} cannot be reached: {why}", operation, hint=hint or None
        )

    def _wait_at_gate(self, operation: str) -> None:
        """Until the provider wants to be asked again.

        :raises TrackingError: what it said when it did not, where there is not that much time.
        """
        while True:
            seconds, reason = self._gate.closed_for()
            if seconds <= 0:
                return
            if reason and seconds > self._left():
                raise reason.copied(kind=TrackingError, operation=operation)
            # Another thread may have been told to wait in the meantime: hence the loop.
            self.sleep(seconds)

    def _judge(
        self,
        received: Received,
        operation: str,
        write: bool,
        interpret: t.Callable[[Answer], t.Any],
    ) -> t.Any:
        status = received.status
        temporary = status in TEMPORARY
        if 300 <= status < 400:
            raise self._error(
                "bad_response",
                f"{self._host()} redirects to {_goal(received)} (HTTP {status})",
                operation,
                http_status=status,
                hint="Redirects are not followed, so that credentials go to one host only. "
                "Correct the API's address.",
            )
        try:
            if received.fault:
                raise ValueError
            # 204 is "no content", which is as good as any.
            body = None if status == 204 else read_json(received.body.decode("utf-8-sig"))
        except ValueError:
            if status == 429:
                error = self._error(
                    "rate_limited",
                    "too many requests (HTTP 429)",
                    operation,
                    http_status=429,
                    hint=self._rate_hint,
                )
                raise _Again(error, self._asked_to_wait(received)) from None
            error = self._error(
                "bad_response",
                f"the answer cannot be read (HTTP {status}): {received.fault}"
                if received.fault
                else f"the answer is not JSON (HTTP {status}): {self._excerpt(received.body)}",
                operation,
                http_status=status,
                hint=self._down_hint(status)
                if temporary
                else "Check the API's address, and whether a proxy answered instead of the provider.",
            )
            if write:
                raise error.copied(kind=UnclearOutcome) from None
            raise (_Again(error) if temporary else error) from None
        try:
            return interpret(Answer(status, body))
        except TrackingError as exc:
            error = self._dressed(exc, operation, status)
        if temporary and error.code == "bad_response":
            error.hint = self._down_hint(status)
        if status == 429 or error.code == "rate_limited":
            error.code = "rate_limited"
            # It was refused, whatever the answer says besides.
            raise _Again(error.copied(kind=TrackingError), self._asked_to_wait(received))
        # The provider's own verdict is clear, unless its server failed while giving it.
        said = error.vendor_code or error.vendor_message
        failed = status >= 500 and error.code != "authentication"
        nothing_said = error.code == "bad_response" and not said
        if write and (failed or nothing_said or isinstance(error, UnclearOutcome)):
            raise error.copied(kind=UnclearOutcome)
        error = error.copied(kind=TrackingError)
        if temporary:
            raise _Again(error)
        raise error

    def _down_hint(self, status: int) -> str:
        return f"{self._title} is down or overloaded (HTTP {status}): try again later."

    def _error(self, code: str, message: str, operation: str, **more: t.Any) -> TrackingError:
        return TrackingError(
            code, words(self.redact(message)), operation=operation, provider=self._provider, **more
        )

    def _dressed(self, error: TrackingError, operation: str, status: int) -> TrackingError:
        """An error of ``interpret`` with what only the client knows, and without secrets."""
        # Cut only now: half a secret would not be recognised.
        error.message = words(self.redact(error.message))
        if error.vendor_message is not None:
            error.vendor_message = words(self.redact(error.vendor_message))
        if isinstance(error.vendor_code, str):
            error.vendor_code = words(self.redact(error.vendor_code))
        error.operation = operation
        error.provider = self._provider
        error.http_status = status
        return error

    def _asked_to_wait(self, received: Received) -> float | None:
        return retry_after(received.headers.get("Retry-After"), now=datetime.now(timezone.utc))

    def _excerpt(self, body: bytes) -> str:
        text = words(self.redact.beginning(body.decode("utf-8", "replace"), 10_000))
        return repr(text[:200]) if text else "it is empty"

    def _host(self) -> str:
        return urlsplit(self._base_url).netloc


if REQUESTS_IMPORT_ERROR is None:

    class _Session(requests.Session):
        """Leaves redirects to us: requests reads the address even of one that it does not follow."""

        def get_redirect_target(self, resp: requests.Response) -> None:
            return None

    class _Adapter(requests.adapters.HTTPAdapter):
        """Connections that trust what ``context`` trusts as well, through a proxy too."""

        def __init__(self, context: ssl.SSLContext | None, **options: t.Any) -> None:
            self._more: dict[str, t.Any] = {} if context is None else {"ssl_context": context}
            super().__init__(**options)

        def init_poolmanager(self, *args: t.Any, **options: t.Any) -> None:
            super().init_poolmanager(*args, **(options | self._more))
            watched(self.poolmanager)

        def proxy_manager_for(self, *args: t.Any, **options: t.Any) -> t.Any:
            return watched(super().proxy_manager_for(*args, **(options | self._more)))


class _Again(Exception):
    """Carries an error that another try may mend."""

    def __init__(self, error: TrackingError, wait: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait


class _Gate:
    """Holds all threads back while the provider wants to be left alone."""

    def __init__(self, clock: t.Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._opens_at = 0.0
        self._reason: TrackingError | None = None

    def close_for(self, seconds: float, reason: TrackingError) -> None:
        with self._lock:
            self._opens_at = max(self._opens_at, self._clock() + seconds)
            self._reason = reason

    def closed_for(self) -> tuple[float, TrackingError | None]:
        """For how many seconds from now on, and because of what."""
        with self._lock:
            return self._opens_at - self._clock(), self._reason


def _lost(error: TrackingError, write: bool) -> Exception:
    """What becomes of a call whose answer did not arrive."""
    return error.copied(kind=UnclearOutcome) if write else _Again(error)


def _goal(received: Received) -> str:
    """The host that a redirect leads to."""
    try:
        host = urlsplit(received.headers.get("Location", "")).hostname
    except ValueError:
        return "what is no URL"
    return host or "another place"


def _trust_hint() -> str:
    """The variable that says whom requests trusts, if one does."""
    name = next((name for name in _TRUST_VARIABLES if os.environ.get(name)), None)
    return f" Check the file that {name} in the environment names, or unset it." if name else ""


def _no_connection(timeout: float) -> str:
    return f"no connection within {timeout:.3g} s"


def _what_failed(exc: Exception, timeout: float, unsent: bool) -> str:
    if isinstance(exc, requests.exceptions.Timeout):
        return _no_connection(timeout) if unsent else f"nothing came within {timeout:.3g} s"
    return _reason_of(exc)


def _nothing_was_sent(exc: BaseException) -> bool:
    """Whether the connection itself was never made, so that no request can have arrived."""
    if isinstance(exc, requests.exceptions.ConnectTimeout):
        return True
    reason = getattr(exc.args[0], "reason", None) if exc.args else None
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def _innermost(exc: BaseException) -> BaseException:
    """The part of a nested network error that says something: the operating system's own."""
    seen: set[int] = set()
    found: BaseException = exc
    while id(found) not in seen:
        seen.add(id(found))
        inner = getattr(found, "reason", None)
        candidates = [inner, *found.args, found.__cause__, found.__context__]
        deeper = [item for item in candidates if isinstance(item, BaseException)]
        if not deeper:
            break
        found = deeper[0]
    return found


def _reason_of(exc: BaseException) -> str:
    found = _innermost(exc)
    return str(getattr(found, "strerror", None) or str(found) or type(found).__name__)
