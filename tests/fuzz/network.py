# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The network of a case: calls reach the sandbox's application in this process, over no socket.

What goes wrong on the way is decided here: connections that break, answers that come too late,
and answers that say something else than the vendor did.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import requests
import urllib3
from flask import Flask
from werkzeug.test import Client

from ansible_collections.mailops.email.tests.fuzz import answers
from ansible_collections.mailops.email.tests.fuzz.clock import Clock
from ansible_collections.mailops.email.tests.sandbox.replies import CONNECTION_HEADER

ORIGIN = "http://127.0.0.1:1"  # nothing listens there, should a call ever go astray
# Actions of both vendors: our word for them.
OPERATIONS = {
    "listTrackingDomain": "list",
    "addTrackingDomain": "add",
    "checkTrackingDomain": "check",
    "deleteTrackingDomain": "delete",
    "list": "list",
    "add": "add",
    "update": "update",
    "checkConfig": "check",
    "delete": "delete",
}


@dataclass
class Trouble:
    """Something that befalls calls on their way.

    :param kind: one of KINDS.
    :param operation: which calls, or "" for all.
    :param skip: how many of these are let pass first.
    :param count: how many it befalls; 0: all from then on.
    :param value: see KINDS.
    """

    kind: str
    operation: str = ""
    skip: int = 0
    count: int = 1
    value: Any = None
    hits: int = field(default=0)

    def befalls(self, operation: str) -> bool:
        """Whether it befalls this call, which is counted."""
        if self.operation not in ("", operation) or (self.count and self.hits >= self.count):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.hits += 1
        return True


KINDS = {
    "deferred": "no answer in time; value: after how many more seconds the call takes effect",
    "unsent": "no connection is made",
    "altered": "the answer is altered by `answers.alter`; value: its seed",
    "cut_list": "a list is cut short; value: one of `answers.CUTS`",
}


class Network:
    """In place of requests' adapter, for as long as it is `in_place`."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self._client = Client(app)
        self._clock = clock
        self._lock = threading.RLock()
        self.troubles: list[Trouble] = []
        # Operations of which an answer was altered, so that the collection was told wrong.
        self.altered: set[str] = set()

    @contextmanager
    def in_place(self) -> Iterator[None]:
        network = self

        def send(
            adapter: requests.adapters.HTTPAdapter,
            request: requests.PreparedRequest,
            *_more: Any,
            timeout: Any = None,
            **_settings: Any,
        ) -> requests.Response:
            return network._send(adapter, request, timeout)

        with mock.patch.object(requests.adapters.HTTPAdapter, "send", send):
            yield

    def _send(
        self,
        adapter: requests.adapters.HTTPAdapter,
        request: requests.PreparedRequest,
        timeout: Any,
    ) -> requests.Response:
        patience = _seconds(timeout)
        operation = OPERATIONS.get(str(request.url).rpartition("/")[2], "")
        with self._lock:
            found = next((each for each in self.troubles if each.befalls(operation)), None)
            if found and found.kind == "unsent":
                raise requests.exceptions.ConnectionError(
                    urllib3.exceptions.MaxRetryError(
                        None,  # type: ignore[arg-type]
                        str(request.url),
                        urllib3.exceptions.NewConnectionError(None, "refused"),  # type: ignore[arg-type]
                    )
                )
            if found and found.kind == "deferred":
                later = self._clock() + patience + float(found.value or 0)
                self._clock.at(later, lambda: self._ask(request))
                self._clock.sleep(patience)
                raise requests.exceptions.ReadTimeout("timed out")
            start = self._clock()
            sent = None
            if found and found.kind == "cut_list":
                sent = answers.cut_request(_text(request), str(found.value))
            status, headers, body = self._ask(request, sent)
            if self._clock() - start > patience:
                raise requests.exceptions.ReadTimeout("timed out")
        connection = headers.pop(CONNECTION_HEADER, "")
        if connection == "reset":
            raise requests.exceptions.ConnectionError(
                urllib3.exceptions.ProtocolError(
                    "Connection aborted.", ConnectionResetError(104, "reset")
                )
            )
        if found and found.kind == "altered":
            self.altered.add(operation)
            status, body = answers.alter(
                status, body, int(found.value or 0), secrets=_values(request)
            )
        if found and found.kind == "cut_list":
            body = answers.cut(body, str(found.value))
        headers["Content-Length"] = str(len(body))
        if connection == "cut":
            body = body[: len(body) // 2]
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(body),
            headers=headers,
            status=status,
            preload_content=False,
            decode_content=False,
            enforce_content_length=True,
            request_method="POST",
        )
        return adapter.build_response(request, raw)

    def _ask(
        self, request: requests.PreparedRequest, sent: str | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        url = urlsplit(str(request.url))
        answer = self._client.open(
            url.path,
            base_url=ORIGIN,
            query_string=url.query,
            method=request.method or "",
            headers={k: v for k, v in request.headers.items() if k != "Content-Length"},
            data=_text(request) if sent is None else sent,
        )
        try:
            return answer.status_code, dict(answer.headers), answer.get_data()
        finally:
            answer.close()


def _seconds(timeout: Any) -> float:
    if isinstance(timeout, tuple):
        timeout = timeout[-1]
    if isinstance(timeout, urllib3.Timeout):
        timeout = timeout.read_timeout
    return float(timeout or 30.0)


def _text(request: requests.PreparedRequest) -> str:
    body = request.body
    return body.decode() if isinstance(body, bytes) else str(body or "")


def _values(request: requests.PreparedRequest) -> list[str]:
    """What the request carried, for an answer that repeats it."""
    text = _text(request)
    try:
        found: Mapping[str, Any] = json.loads(text)
        return [str(value) for value in found.values()]
    except ValueError:
        return [value for values in parse_qs(text).values() for value in values]
