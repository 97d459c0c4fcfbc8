# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every double has in common: a server on loopback and a log of requests."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from flask import Flask, Request, Response, request
from werkzeug.exceptions import HTTPException

from ..server import HttpServer
from .records import Records


@dataclass(frozen=True)
class ApiRequest:
    """A request as it came in, without its headers: those hold the credentials.

    `path` has no query; `body` is the JSON, or the text where it is none, or None.
    """

    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int

    @property
    def write(self) -> bool:
        return self.method not in ("GET", "HEAD")


class ApiDouble(ABC):
    """host: the real API's. requests: what came in, oldest first."""

    host: ClassVar[str]

    def __init__(self) -> None:
        self.requests: list[ApiRequest] = []
        self._lock = threading.Lock()
        self._server: HttpServer | None = None

    @property
    @abstractmethod
    def wsgi_app(self) -> Any:
        """The application that is served; it calls `log` for each request."""

    @property
    @abstractmethod
    def credentials(self) -> dict[str, str]:
        """What the double accepts, under the names of its module's options."""

    @abstractmethod
    def add(self, name: str, type: str, value: str, *, ttl: int = 300) -> None:  # noqa: A002
        """Put a record in past the API: it was there before, or somebody else put it there."""

    @abstractmethod
    def remove(self, name: str, type: str) -> None:  # noqa: A002
        """Take the records of a name and type away past the API."""

    @property
    def address(self) -> tuple[str, int]:
        assert self._server is not None, "not started"
        return "127.0.0.1", self._server.port

    @property
    def writes(self) -> list[ApiRequest]:
        return [entry for entry in self.requests if entry.write]

    def clear_log(self) -> None:
        with self._lock:
            self.requests.clear()

    def log(self, entry: ApiRequest) -> None:
        with self._lock:
            self.requests.append(entry)

    def start(self) -> Self:
        self._server = HttpServer(self.wsgi_app)
        self._server.start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()


class ApiError(Exception):
    """Ends a request with this answer."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(str(body))
        self.status, self.body = status, body


class FlaskDouble(ApiDouble):
    """A double written with Flask: adds authentication, errors and the log to its routes.

    faults: pairs of which requests go wrong, and the status and the body of the answer to them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[tuple[Callable[[Request], bool], tuple[int, dict[str, Any]]]] = []
        self.app = Flask(type(self).__name__, static_folder=None)
        self.app.json.sort_keys = False  # type: ignore[attr-defined]
        self.app.before_request(self.authenticate)
        self.app.before_request(self._fault)
        self.app.after_request(self._log_request)
        self.app.register_error_handler(ApiError, lambda error: (error.body, error.status))
        self.app.register_error_handler(HTTPException, self._http_error)

    records: Records

    @property
    def wsgi_app(self) -> Any:
        return self.app

    def remove(self, name: str, type: str) -> None:  # noqa: A002
        self.records.remove(*self.records.find(name=name, type=type))

    @abstractmethod
    def authenticate(self) -> None:
        """Raise ApiError unless the request has the right credentials."""

    @abstractmethod
    def error_body(self, status: int, message: str) -> dict[str, Any]:
        """How the vendor words an error that is no matter of a record."""

    def fail(self, status: int, message: str) -> ApiError:
        return ApiError(status, self.error_body(status, message))

    def body(self) -> dict[str, Any]:
        given = request.get_json(silent=True)
        if not isinstance(given, dict):
            raise self.fail(400, "the body is not a JSON object")
        return given

    def _fault(self) -> None:
        for concerns, answer in self.faults:
            if concerns(request):
                raise ApiError(*answer)

    def _http_error(self, error: HTTPException) -> tuple[dict[str, Any], int]:
        status = error.code or 500
        return self.error_body(status, error.name), status

    def _log_request(self, response: Response) -> Response:
        body = request.get_json(silent=True) if request.data else None
        self.log(
            ApiRequest(
                method=request.method,
                path=request.path,
                query=request.args.to_dict(),
                body=body if body is not None else request.get_data(as_text=True) or None,
                status=response.status_code,
            )
        )
        return response
