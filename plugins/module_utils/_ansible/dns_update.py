# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the results of ``dns_update``. Private to this collection: no promise is made to others."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import env_fallback

from ansible_collections.mailops.email.plugins.module_utils._ansible.module import Answer, Module
from ansible_collections.mailops.email.plugins.module_utils._ansible.options import (
    MissingLibrary,
    Spec,
)
from ansible_collections.mailops.email.plugins.module_utils._ansible.results import group_by_cause
from ansible_collections.mailops.email.plugins.module_utils._dns import client, primary
from ansible_collections.mailops.email.plugins.module_utils._dns.changes import (
    FoundRecord,
    records_from,
)
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._dns.update import RecordOutcome

ENVIRONMENT = {
    option: f"TRACKING_DOMAIN_NSUPDATE_{option.upper()}"
    for option in ("server", "key_name", "key_secret", "key_algorithm")
}


def update_spec() -> Spec:
    spec: Spec = {
        "server": {"type": "str"},
        "port": {"type": "int", "default": 53},
        "protocol": {"type": "str", "choices": ["tcp", "udp"], "default": "tcp"},
        "key_name": {"type": "str", "no_log": False},
        "key_secret": {"type": "str", "no_log": True},
        "key_algorithm": {"type": "str", "default": "hmac-sha256", "no_log": False},
        "timeout": {"type": "float", "default": 10.0},
        "records": {"type": "list", "elements": "dict", "required": True},
    }
    for option, variable in ENVIRONMENT.items():
        spec[option]["fallback"] = (env_fallback, [variable])
    return spec


def update_records(module: Module) -> Answer:
    """The work of ``dns_update``."""
    if client.DNS_IMPORT_ERROR:
        raise MissingLibrary("dnspython", client.DNS_IMPORT_ERROR)
    from ansible_collections.mailops.email.plugins.module_utils._dns.update import Updater

    server = server_from(module.params)
    records = records_from(module.params["records"])
    connection = primary.Connection(server)
    try:
        updater = Updater(connection, check_mode=module.check_mode, confirm_timeout=server.timeout)
        outcomes = updater.run(records)
    finally:
        connection.close()
    return _result(outcomes), _failure(outcomes, connection.title)


def server_from(params: t.Mapping[str, t.Any]) -> primary.PrimaryServer:
    """Where and how the server is asked.

    :raises TrackingError: ``validation``.
    """
    # An empty variable of the environment counts as not set.
    texts = {name: (params[name] or "").strip() for name in ENVIRONMENT}
    if not texts["server"]:
        raise TrackingError(
            "validation",
            "O(server) is required",
            hint=f"Set the option, or {ENVIRONMENT['server']} in the environment.",
        )
    if not 0 < params["port"] < 65536:
        raise TrackingError("validation", f"O(port) must be 1 to 65535, not {params['port']}")
    # Written so that it holds for "not a number" as well.
    if not 0 < params["timeout"] <= 3600:
        raise TrackingError(
            "validation",
            f"O(timeout) must be more than 0, and 3600 at most, not {params['timeout']}",
        )
    return primary.PrimaryServer(
        host=texts["server"],
        port=params["port"],
        protocol=params["protocol"],
        key_name=texts["key_name"] or None,
        key_secret=texts["key_secret"] or None,
        key_algorithm=texts["key_algorithm"] or "hmac-sha256",
        timeout=params["timeout"],
    )


def _result(outcomes: t.Sequence[RecordOutcome]) -> dict[str, t.Any]:
    return {
        "changed": any(outcome.status == "changed" for outcome in outcomes),
        "records": [outcome.as_result() for outcome in outcomes],
        "diff": [_diff(outcome) for outcome in outcomes if outcome.status == "changed"],
    }


def _diff(outcome: RecordOutcome) -> dict[str, str]:
    def lines(found: t.Sequence[FoundRecord] | None) -> str:
        return "".join(f"{outcome.record.name} {each.ttl} {each}\n" for each in found or ())

    return {
        "before_header": outcome.record.name,
        "after_header": outcome.record.name,
        "before": lines(outcome.before),
        "after": lines(outcome.after),
    }


def _failure(outcomes: t.Sequence[RecordOutcome], server: str) -> TrackingError | None:
    """One error for all that failed, each cause once; None where nothing did."""
    errors = {outcome.record.name: outcome.error for outcome in outcomes if outcome.error}
    if not errors:
        return None
    if len(outcomes) == 1:
        return next(iter(errors.values()))
    codes = {error.code for error in errors.values()}
    lines = group_by_cause((name, error.operation, error.reason) for name, error in errors.items())
    rest = len({outcome.record.name for outcome in outcomes}) - len(errors)
    return TrackingError(
        codes.pop() if len(codes) == 1 else "partial",
        f"{len(errors)} of {len(errors) + rest} DNS records failed at the server {server}"
        + ("; the rest did not fail:" if rest else ":"),
        details=[f"- {line}" for line in lines],
    )
