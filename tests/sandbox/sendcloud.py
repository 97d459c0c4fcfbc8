# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SendCloud's tracking-domain calls: form parameters with apiUser and apiKey, one envelope."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ClassVar

from flask import request

from .accounts import Account, CertificateWindow, TrackingDomain, now
from .calls import Call
from .certificates import BadCertificateError, read_certificate
from .names import fold, is_domain
from .replies import Reply, html_reply
from .sendcloud_answers import domain_row, envelope, failure
from .switches import Switches
from .vendor import VendorApi, VendorError

AUTHENTICATION, NO_PERMISSION = 40005, 6001
START_NOT_INT, START_RANGE, LIMIT_NOT_INT, LIMIT_RANGE = 40001, 40002, 40003, 40004
NAME_EMPTY, NAME_TOO_LONG, NOT_A_DOMAIN = 41001, 41002, 41003
TOO_MANY, NO_SUCH_DOMAIN, CREATE_FAILED, MODIFY_FAILED = 41012, 41014, 41015, 41016
NO_SUCH_SENDER, SENDER_FAILED = 40901, 40905
_PAGE = 100
_LOOKUPS_AT_ONCE = 16  # one check may name many domains whose name servers do not answer

# The regions stand side by side under prefixes; the last parts of the paths are the vendor's own.
REGIONS = {
    "singapore": "/api",
    "china": "/apiv2",
    "us": "/us/api",
    "hongkong": "/hongkong/api",
}


class SendCloud(VendorApi):
    name = "sendcloud"
    groups = ("trackDomain", "apiuser")
    actions: ClassVar[Mapping[str, str]] = {
        "list": "list",
        "add": "add",
        "update": "update",
        "checkConfig": "check",
        "delete": "delete",
        "apiuser/list": "senders",
        "apiuser/update": "bind",
    }
    identity_parameter = "apiUser"
    fault_code = 501
    rate_limit_code = 50000

    def bases(self) -> Mapping[str, str]:
        return {base: region for region, base in REGIONS.items()}

    def allows(self, method: str, operation: str) -> bool:
        return method == "POST" or (
            method == "GET" and operation in ("list", "check", "delete", "senders")
        )

    def parameters(self) -> dict[str, Any]:
        # As in a servlet: the query string and a form make one set. A JSON body counts for nothing.
        return request.values.to_dict()

    def authenticate(
        self, parameters: Mapping[str, Any], account: Account | None, region: str
    ) -> Account:
        if (
            account is None
            or parameters.get("apiKey") != account.secret
            or account.region != region
        ):
            raise VendorError(AUTHENTICATION)
        return account

    def perform(self, call: Call, account: Account, parameters: Mapping[str, Any]) -> Reply:
        if call.operation == "list":
            info = self._list_domains(account, parameters)
        elif call.operation == "check":
            info = self._check(account, parameters)
        elif call.operation == "senders":
            info = self._senders(account, parameters)
        else:
            write = {
                "add": self._add,
                "update": self._update,
                "delete": self._delete,
                "bind": self._bind,
            }
            with account.lock:
                info = write[call.operation](call, account, parameters)
        return envelope(info, account.switches)

    def _list_domains(self, account: Account, parameters: Mapping[str, Any]) -> dict[str, Any]:
        start = _number(parameters, "start", 0, START_NOT_INT)
        limit = _number(parameters, "limit", _PAGE, LIMIT_NOT_INT)
        if start < 0:
            raise VendorError(START_RANGE)
        if not 0 <= limit <= _PAGE:
            raise VendorError(LIMIT_RANGE)
        wanted, switches = _several(parameters, "name"), account.switches
        with account.lock:
            every = account.listed()
        found = [domain for domain in every if _wanted(domain, wanted, switches)]
        found.sort(key=lambda domain: domain.id, reverse=True)  # newest first
        first = 0 if switches["list_start"] == "ignored" else start
        shown = found[: switches["list_cut"] or None][first : first + limit]
        page = [domain_row(domain, account) for domain in shown]
        info = {"dataList": page, "total": len(found), "count": len(page)}
        if switches["list_total"] == "absent":
            del info["total"]
        return info

    def _add(self, call: Call, account: Account, parameters: Mapping[str, Any]) -> dict[str, Any]:
        switches = account.switches
        name = self._name(parameters.get("name", ""), account, CREATE_FAILED)
        existing = account.find(name)
        if existing:
            if switches["add_existing"] == "success":
                return {"data": domain_row(existing, account)}
            raise VendorError(CREATE_FAILED, f"{name} exists already")
        if len(account.domains) >= switches["domain_limit"]:
            raise VendorError(TOO_MANY)
        window = _certificate(parameters, CREATE_FAILED)
        domain = account.put(
            TrackingDomain(
                name=name,
                id=self.world.accounts.next_id(),
                certificate=window,
                hidden_lists=switches["list_lag"],
            )
        )
        call.took_effect = True
        return {"data": domain_row(domain, account)}

    def _update(
        self, call: Call, account: Account, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        domain = account.find_id(_number(parameters, "id", -1, NO_SUCH_DOMAIN))
        if domain is None:
            raise VendorError(NO_SUCH_DOMAIN)
        name = domain.name
        if parameters.get("name"):
            name = self._name(parameters["name"], account, MODIFY_FAILED)
        renamed = fold(name) != fold(domain.name)
        if domain.verified:
            rule = account.switches["update_verified"]
            if rule == "refused" or (rule == "rename_refused" and renamed):
                raise VendorError(MODIFY_FAILED, "the domain is verified")
        if renamed and account.find(name):
            raise VendorError(MODIFY_FAILED, f"{name} exists already")
        window = _certificate(parameters, MODIFY_FAILED)
        if renamed:
            domain.verified = domain.verified and not account.switches["rename_resets_cname"]
        domain.name = name
        domain.certificate = window or domain.certificate
        domain.updated = now()
        call.took_effect = True
        return {"data": domain_row(domain, account)}

    def _check(self, account: Account, parameters: Mapping[str, Any]) -> dict[str, Any]:
        ids, names = _several(parameters, "id"), _several(parameters, "name")
        if not ids and not names:
            raise VendorError(NAME_EMPTY, "id and name cannot both be blank")
        with account.lock:
            by_id = {str(number): domain for number, domain in account.domains.items()}
            found = [by_id.get(i) for i in ids] if ids else [account.find(n) for n in names]
        domains = [domain for domain in found if domain]
        if len(domains) < len(found) and account.switches["check_unknown"] == "error":
            raise VendorError(NO_SUCH_DOMAIN)
        with ThreadPoolExecutor(_LOOKUPS_AT_ONCE) as pool:
            check = partial(self.world.checker.check, account)
            results = list(pool.map(check, [domain.name for domain in domains]))
        rows = []
        with account.lock:
            for domain, verified in zip(domains, results, strict=True):
                domain.verified, domain.updated = verified, now()
                domain.checks += 1
                rows.append(domain_row(domain, account))
        return {"dataList": rows, "count": len(rows)}

    def _delete(
        self, call: Call, account: Account, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        domain = account.find_id(_number(parameters, "id", -1, NO_SUCH_DOMAIN))
        if domain is None:
            if account.switches["delete_unknown"] == "error":
                raise VendorError(NO_SUCH_DOMAIN)
            return {"count": 0}
        call.took_effect = account.delete(domain)
        return {"count": 1}

    def _senders(self, account: Account, parameters: Mapping[str, Any]) -> dict[str, Any]:
        switches = account.switches
        if switches["senders_readable"] is False:
            raise VendorError(NO_PERMISSION)
        with account.lock:
            rows = [sender.as_row() for sender in account.senders.values()]
        if switches["sender_pages"] == "none":
            return {"dataList": rows, "count": len(rows)}
        start = _number(parameters, "start", 0, START_NOT_INT)
        page = rows[start : start + _PAGE]
        return {"dataList": page, "count": len(page), "total": len(rows)}

    def _bind(self, call: Call, account: Account, parameters: Mapping[str, Any]) -> dict[str, Any]:
        switches = account.switches
        sender = account.senders.get(parameters.get("name", ""))
        if sender is None:
            raise VendorError(NO_SUCH_SENDER)
        new_name = parameters.get("newName", "")
        if not new_name and switches["sender_new_name"] == "required":
            raise VendorError(SENDER_FAILED, "newName cannot be empty")
        if name := parameters.get("trackDomainName"):
            domain = account.find(name)
            if domain is None:
                raise VendorError(NO_SUCH_DOMAIN)
            if not domain.verified and switches["bind_unverified"] == "refused":
                raise VendorError(SENDER_FAILED, "the tracking domain is not verified")
            sender.tracking_domain = domain.name
        if switches["sender_update"] == "resets":
            sender.opens = sender.clicks = sender.unsubscribes = 0
        if new_name and new_name != sender.name:
            del account.senders[sender.name]
            sender.name = new_name
            account.senders[new_name] = sender
        call.took_effect = True
        return {"data": sender.as_row()}

    def _name(self, name: str, account: Account, clash: int) -> str:
        """The name as it will be kept, once the vendor's rules have been applied."""
        switches = account.switches
        if not name:
            raise VendorError(NAME_EMPTY)
        if len(name) > switches["name_length_limit"]:
            raise VendorError(NAME_TOO_LONG)
        if not is_domain(
            name,
            wildcard=switches["wildcard_name"] == "accepted",
            idn=switches["idn_name"] == "accepted",
        ):
            raise VendorError(NOT_A_DOMAIN)
        if fold(name) in account.sending_domains:
            raise VendorError(clash, "the tracking domain is a sending domain")
        return name if switches["keeps_case"] else name.lower()

    def error(self, error: VendorError, switches: Switches) -> Reply:
        code = int(error.code)
        status = switches["auth_error_http_status"] if code == AUTHENTICATION else 200
        return failure(code, error.message, switches, status=status)

    def unknown(self, switches: Switches) -> Reply:
        if switches["unknown_action"] == "html":
            return html_reply(404, "HTTP Status 404 - Not Found")
        return failure(404, "", switches)


def _several(parameters: Mapping[str, Any], key: str) -> list[str]:
    return [part.strip() for part in parameters.get(key, "").split(";") if part.strip()]


def _number(parameters: Mapping[str, Any], key: str, default: int, code: int) -> int:
    text = parameters.get(key, "")
    if text == "":
        return default
    try:
        return int(text)
    except ValueError:
        raise VendorError(code) from None


def _wanted(domain: TrackingDomain, wanted: list[str], switches: Switches) -> bool:
    name = domain.name
    if switches["name_filter"] != "exact_case":
        name, wanted = fold(name), [fold(part) for part in wanted]
    if switches["name_filter"] == "substring":
        return not wanted or any(part in name for part in wanted)
    return not wanted or name in wanted


def _certificate(parameters: Mapping[str, Any], code: int) -> CertificateWindow | None:
    content, key = parameters.get("certContent", ""), parameters.get("certKey", "")
    if not content and not key:
        return None
    if not content or not key:
        raise VendorError(code, "certContent and certKey must be given together")
    try:
        return read_certificate(content, key)
    except BadCertificateError as error:
        raise VendorError(code, str(error)) from None
