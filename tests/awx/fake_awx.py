# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of AWX's API as the modules of awx.awx use to create and update objects."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ansible_collections.mailops.email.tests.awx.rules import (
    Refused,
    check_credential_type,
    check_survey,
    need,
)
from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT

Data = dict[str, Any]
Answer = tuple[int, Any]

PROJECT = CHECKOUT / "playbooks" / "files" / "awx" / "project"
TOKEN = "awx-oauth-token-s3cr3t"
_ENCRYPTED = "$encrypted$"
_SECRET_OF_NOTIFICATIONS = ("password", "token")
_KINDS = (
    *("organizations", "credential_types", "credentials", "execution_environments", "projects"),
    *(
        "inventories",
        "inventory_sources",
        "hosts",
        "notification_templates",
        "job_templates",
        "schedules",
    ),
)


def _fits(item: Data, name: str, value: str) -> bool:
    """Whether an object is among those that a query asks for."""
    if name == "page_size":
        return True
    if name.endswith("__startswith"):
        return str(item[name.removesuffix("__startswith")]).startswith(value)
    return str(item.get(name)) == value


class FakeAwx:
    """Runs while it is entered. ``objects`` are by kind and id, ``writes`` what changed them, in order."""

    def __init__(
        self,
        playbooks: tuple[str, ...] = (
            "converge.yml",
            "change.yml",
            "audit.yml",
            "renew_certificates.yml",
        ),
    ) -> None:
        self.objects: dict[str, dict[int, Data]] = {kind: {} for kind in _KINDS}
        self.associated: dict[str, list[int]] = {}
        self.writes: list[str] = []
        self.playbooks = {path.name for path in PROJECT.glob("*.yml")}
        self._number = 0
        self._lock = threading.Lock()
        self._add("organizations", {"name": "Default"})
        vault = {"fields": [{"id": "vault_password", "secret": True}, {"id": "vault_id"}]}
        self._add("credential_types", {"name": "Vault", "inputs": vault, "managed": True})
        self._add("credentials", {"name": "Ansible Galaxy", "credential_type": 0, "inputs": {}})
        self.writes.clear()

    def __enter__(self) -> FakeAwx:
        awx = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length) or b"{}")
                with awx._lock:
                    status, content = awx.answer(
                        self.command, self.path, body, self.headers.get("Authorization", "")
                    )
                text = b"" if content is None else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.send_header("X-API-Product-Name", "AWX")
                self.send_header("X-API-Product-Version", "24.6.1")
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def names(self, kind: str) -> list[str]:
        return sorted(each["name"] for each in self.objects[kind].values())

    def named(self, kind: str, name: str) -> Data:
        return next(each for each in self.objects[kind].values() if each["name"] == name)

    def associates(self, kind: str, name: str, association: str) -> list[int]:
        return self.associated.get(f"{kind}/{self.named(kind, name)['id']}/{association}", [])

    def answer(self, method: str, path: str, body: Data, authorization: str) -> Answer:
        url = urlsplit(path)
        parts = url.path.removeprefix("/api/v2/").strip("/").split("/")
        if parts[0] == "tokens":
            return (201, {"id": 1, "token": TOKEN}) if method == "POST" else (204, None)
        if authorization != f"Bearer {TOKEN}":
            return 401, {"detail": "Invalid token."}
        if parts[0] in ("project_updates", "jobs"):
            return 200, {"id": 1, "status": "successful", "finished": "now", "failed": False}
        handle: Callable[..., Answer] = {1: self._list, 2: self._detail, 3: self._sub}[len(parts)]
        try:
            return handle(method, parts, body, dict(parse_qsl(url.query)))
        except Refused as exc:
            return 400, {"detail": str(exc), "error": str(exc)}

    def _list(self, method: str, parts: list[str], body: Data, query: Data) -> Answer:
        kind = parts[0]
        if method == "POST":
            self._check(kind, body)
            return 201, self._shown(kind, self._add(kind, body))
        kinds = ("job_templates", "projects") if kind == "unified_job_templates" else (kind,)
        found = [
            self._shown(each, item)
            for each in kinds
            for item in self.objects[each].values()
            if all(_fits(item, name, value) for name, value in query.items())
        ]
        return 200, {"count": len(found), "results": found, "next": None}

    def _detail(self, method: str, parts: list[str], body: Data, _query: Data) -> Answer:
        kind, item = parts[0], self.objects[parts[0]][int(parts[1])]
        if method == "PATCH":
            changed = {**item, **body}
            self._check(kind, changed)
            item.update(changed)
            self.writes.append(f"update {kind} {item['name']}")
        if method == "DELETE":
            self.writes.append(f"delete {kind} {item['name']}")
            del self.objects[kind][item["id"]]
            return 204, None
        return 200, self._shown(kind, item)

    def _sub(self, method: str, parts: list[str], body: Data, _query: Data) -> Answer:
        kind, item, name = parts[0], self.objects[parts[0]][int(parts[1])], parts[2]
        if name == "survey_spec":
            if method == "POST":
                check_survey(body)
                item["_survey"] = body
                self.writes.append(f"survey {kind} {item['name']}")
                return 200, None
            return 200, item.get("_survey", {})
        if name == "launch":
            self.writes.append(f"launch {item['name']}")
            return 201, {"id": 1, "status": "pending", "url": "/api/v2/jobs/1/"}
        ids = self.associated.setdefault("/".join(parts), [])
        if method == "POST":
            if body.get("disassociate"):
                ids.remove(body["id"])
            else:
                ids.append(body["id"])
            self.writes.append(f"associate {kind} {item['name']} {name}")
            return 204, None
        return 200, {"count": len(ids), "results": [{"id": each} for each in ids], "next": None}

    def _add(self, kind: str, body: Data) -> Data:
        self._number += 1
        item = {**body, "id": self._number, "url": f"/api/v2/{kind}/{self._number}/"}
        self.objects[kind][self._number] = item
        self.writes.append(f"create {kind} {item['name']}")
        return item

    def _check(self, kind: str, item: Data) -> None:
        if kind == "credential_types":
            check_credential_type(item)
        if kind == "job_templates":
            need(item["playbook"] in self.playbooks, "Playbook not found for project.")
        if kind == "credentials":
            known = self.objects["credential_types"][item["credential_type"]]["inputs"]
            ids = {field["id"] for field in known["fields"]}
            need(set(item["inputs"]) <= ids, "inputs")

    def _shown(self, kind: str, item: Data) -> Data:
        """As the API shows it: without secrets."""
        shown = {name: value for name, value in item.items() if not name.startswith("_")}
        shown["related"] = {name: f"{item['url']}{name}/" for name in ("survey_spec", "launch")}
        shown["summary_fields"] = {"current_update": {"id": 1}}
        if item.get("credential_type"):
            kind_of = self.objects["credential_types"][item["credential_type"]]
            shown["summary_fields"]["credential_type"] = {"name": kind_of["name"]}
        shown["scm_revision"] = ""
        shown["type"] = kind[:-1]
        secret: tuple[str, ...] | list[str] = ()
        if kind == "credentials" and item["credential_type"]:
            inputs = self.objects["credential_types"][item["credential_type"]]["inputs"]
            secret = [field["id"] for field in inputs["fields"] if field.get("secret")]
        where = {
            "credentials": "inputs",
            "notification_templates": "notification_configuration",
        }.get(kind)
        if kind == "notification_templates":
            secret = _SECRET_OF_NOTIFICATIONS
        if where:
            shown[where] = {
                name: _ENCRYPTED if name in secret else value for name, value in item[where].items()
            }
        return shown
