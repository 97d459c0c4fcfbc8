# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of every call through a fake vendor: logged, delayed, spoilt, performed, answered."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import Flask, Response, request

from .accounts import Account
from .calls import Call
from .faults import Fault
from .names import fold
from .replies import Reply
from .switches import Switches
from .world import World

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
_CREDENTIALS = {"owner_id", "token", "apiuser", "apikey"}


class VendorError(Exception):
    """The vendor says no: its code or kind, and its words (none: the usual ones of that code)."""

    def __init__(self, code: int | str, message: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class VendorApi(ABC):
    """One vendor. A subclass knows the paths, how parameters travel, and what each action does."""

    name: str
    groups: ClassVar[Sequence[str]]  # the parts of the API, that of the tracking domains first
    # The vendor's word for each of our operations, with its group if that is not the first one.
    actions: ClassVar[Mapping[str, str]]
    identity_parameter: str
    fault_code: int | str  # of an injected error that names none
    rate_limit_code: int | str

    def __init__(self, world: World) -> None:
        self.world = world

    # -- what a vendor has to say ----------------------------------------------------------------

    @abstractmethod
    def bases(self) -> Mapping[str, str]:
        """URL path before the group: region."""

    @abstractmethod
    def parameters(self) -> dict[str, Any]:
        """The parameters of the current request."""

    @abstractmethod
    def authenticate(
        self, parameters: Mapping[str, Any], account: Account | None, region: str
    ) -> Account:
        """The account that may make this call, or a VendorError."""

    @abstractmethod
    def perform(self, call: Call, account: Account, parameters: Mapping[str, Any]) -> Reply:
        """Do what the call asks for."""

    @abstractmethod
    def error(self, error: VendorError, switches: Switches) -> Reply:
        """The answer that tells this error."""

    @abstractmethod
    def unknown(self, switches: Switches) -> Reply:
        """The answer to a path that the vendor does not have."""

    @abstractmethod
    def allows(self, method: str, operation: str) -> bool:
        """Whether the vendor takes this HTTP method for it."""

    def rate_limited(self, switches: Switches) -> Reply:
        """The answer to one call too many."""
        return self.error(VendorError(self.rate_limit_code), switches)

    # -- the way of a call -----------------------------------------------------------------------

    def add_routes(self, app: Flask) -> None:
        rules = [
            (base, region, group) for base, region in self.bases().items() for group in self.groups
        ]
        for number, (base, region, group) in enumerate(rules):
            app.add_url_rule(
                f"{base}/{group}/<action>",
                endpoint=f"action{number}",
                view_func=self._view(region, group),
                methods=METHODS,
            )
        unknown = self._view("")
        app.add_url_rule("/", endpoint="unknown0", view_func=unknown, methods=METHODS)
        app.add_url_rule("/<path:action>", endpoint="unknown", view_func=unknown, methods=METHODS)

    def _view(self, region: str, group: str = "") -> Any:
        def view(action: str = "") -> Response:
            if group and group != self.groups[0]:
                action = f"{group}/{action}"
            known = request.endpoint != "unknown" and action in self.actions
            return self._serve(action if known else "unknown", region).response()

        view.provide_automatic_options = False  # type: ignore[attr-defined]
        return view

    def _serve(self, action: str, region: str) -> Reply:
        parameters = self.parameters()
        account = self.world.accounts.by_identity(
            self.name, parameters.get(self.identity_parameter)
        )
        call = self._logged(action, region, account, parameters)
        self.world.calls.begin(call)
        status = 500
        try:
            reply = self._answer(call, account, parameters)
            status, call.vendor_code = reply.status, reply.vendor_code
            return reply
        finally:
            self.world.calls.end(call, status)

    def _answer(self, call: Call, account: Account | None, parameters: dict[str, Any]) -> Reply:
        switches = account.switches if account else self.world.switches[self.name]
        time.sleep(switches["latency_ms"] / 1000)
        fault = self.world.faults.take(
            vendor=self.name,
            account=call.account,
            actions=(call.action, call.operation),
            names=self._names_concerned(call, account),
        )
        if fault is None:
            return self._right_answer(call, account, parameters, switches)
        call.fault = fault.kind
        right = Reply()
        if fault.kind == "late":
            time.sleep(float(fault.value or 1))
        if fault.after:
            right = self._right_answer(call, account, parameters, switches)
        if fault.kind == "slow":
            time.sleep(float(fault.value or 1))
        elsewhere = f"http://localhost:{request.environ['SERVER_PORT']}/elsewhere/{call.action}"
        return fault.spoil(right, self._injected_error(fault, parameters, switches), elsewhere)

    def _right_answer(
        self,
        call: Call,
        account: Account | None,
        parameters: Mapping[str, Any],
        switches: Switches,
    ) -> Reply:
        if call.operation == "unknown" or not self.allows(call.method, call.operation):
            return self.unknown(switches)
        try:
            allowed = self.authenticate(parameters, account, call.region)
            if allowed.over_rate_limit():
                return self.rate_limited(switches)
            return self.perform(call, allowed, parameters)
        except VendorError as error:
            return self.error(error, switches)

    def _injected_error(
        self, fault: Fault, parameters: Mapping[str, Any], switches: Switches
    ) -> Reply:
        code, message = fault.value or self.fault_code, fault.message
        if fault.kind == "echo":
            code = self.fault_code
            message = f"cannot process {json.dumps(parameters)} of {request.full_path}"
        elif fault.kind.startswith("rate_limited"):
            code = self.rate_limit_code
        elif fault.kind != "vendor_error":
            code = self.fault_code
        reply = self.error(VendorError(code, message), switches)
        if fault.http_status != 200:
            reply.status = fault.http_status
        return reply

    # -- the log ---------------------------------------------------------------------------------

    def _logged(
        self, action: str, region: str, account: Account | None, parameters: Mapping[str, Any]
    ) -> Call:
        secrets = [each.secret for each in self.world.accounts]
        path = request.path
        for secret in secrets:
            path = path.replace(secret, "***")
        in_query = {key.lower() for key in request.args} & _CREDENTIALS
        headers = [value for _key, value in request.headers if value]
        return Call(
            vendor=self.name,
            region=region,
            account=account.label if account else None,
            action=action,
            operation=self.actions.get(action, "unknown"),
            method=request.method,
            path=path,
            names=self._list(parameters, "domain") + self._list(parameters, "name"),
            ids=self._list(parameters, "id"),
            peer_port=int(request.environ.get("REMOTE_PORT", 0)),
            credentials_in_url=bool(in_query) or any(s in request.url for s in secrets),
            credentials_in_headers=any(s in value for s in secrets for value in headers),
        )

    @staticmethod
    def _list(parameters: Mapping[str, Any], key: str) -> list[str]:
        return [part for part in str(parameters.get(key) or "").split(";") if part]

    @staticmethod
    def _names_concerned(call: Call, account: Account | None) -> set[str]:
        """The names in the call and those of the ids in it."""
        names = {fold(name) for name in call.names}
        if account and call.ids:
            with account.lock:
                names |= {fold(d.name) for d in account.domains.values() if str(d.id) in call.ids}
        return names
