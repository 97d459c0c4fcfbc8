# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A third provider costs one file and one line of the registry: seen in a copy of the collection."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from workspace import Workspace, workspace

from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT

FILE = "plugins/module_utils/_providers/thirdpost.py"
REGISTRY = "plugins/module_utils/_providers/registry.py"
LINE = "from ansible_collections.mailops.email.plugins.module_utils._providers.thirdpost import ThirdPost\n"
GENERATED = {
    "README.md",
    "galaxy.yml",
    "playbooks/files/awx/credential_types/thirdpost.yml",
    "plugins/doc_fragments/account.py",
    "roles/tracking_domain/README.md",
    "roles/tracking_domain/defaults/main.yml",
    "roles/tracking_domain/meta/argument_specs.yml",
}
# What looks at the providers that there are.
TESTS = (
    "tests/unit/docs/test_generated.py",
    "tests/unit/playbooks/test_credential_types.py",
    "tests/unit/plugins/module_utils/_ansible/test_options.py",
    "tests/unit/plugins/module_utils/_providers/test_base.py",
    "tests/unit/plugins/module_utils/_providers/test_registry.py",
    "tests/unit/roles",
)
KEY = "a-key-that-nobody-may-see"
NAME, OTHER, ROLES = "t.example.com", "u.example.com", "v.example.com"


class ThirdPostServer(http.server.ThreadingHTTPServer):
    """The provider's API; all that is asked for is verified."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.domains: dict[str, bool] = {}
        self.calls: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api/v1"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: ThirdPostServer

    def _do(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        sent = json.loads(self.rfile.read(length)) if length else {}
        parts = self.path.removeprefix("/api/v1/tracking-domains").strip("/").split("/")
        self.server.calls.append(f"{self.command} {self.path.removeprefix('/api/v1/')}")
        if (self.headers["Authorization"], self.headers["X-Subaccount"]) != (KEY, "17"):
            self._answer(401, errors=[{"message": f"no such key: {self.headers['Authorization']}"}])
        else:
            self._act(self.command, [part for part in parts if part], sent)

    do_GET = do_POST = do_DELETE = _do  # noqa: N815

    def _act(self, method: str, parts: list[str], sent: dict[str, Any]) -> None:
        domains = self.server.domains
        if method == "GET":
            rows = [{"domain": name, "status": {"verified": ok}} for name, ok in domains.items()]
            self._answer(200, results=rows)
        elif method == "DELETE" and domains.pop(parts[0], None) is not None:
            self._answer(204)
        elif method == "POST" and parts[1:] == ["verify"] and parts[0] in domains:
            domains[parts[0]] = True
            self._answer(200, results={"verified": True, "cname_status": "valid"})
        elif method == "POST" and not parts and sent["domain"] not in domains:
            domains[sent["domain"]] = False
            self._answer(200, results={"domain": sent["domain"]})
        else:
            self._answer(404, errors=[{"message": "resource not found"}])

    def _answer(self, status: int, **body: Any) -> None:
        text = json.dumps(body).encode() if body else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_args: Any) -> None:
        pass


class Copy:
    """The collection with the provider in it; `changed` is what the generator wrote."""

    def __init__(self, space: Workspace) -> None:
        self.root, self.place = space.root, space.collection
        shutil.copy(CHECKOUT / "tests/support/third_provider.py", self.place / FILE)
        lines = (self.place / REGISTRY).read_text().splitlines(keepends=True)
        last = max(number for number, line in enumerate(lines) if line.startswith("from "))
        (self.place / REGISTRY).write_text("".join([*lines[: last + 1], LINE, *lines[last + 1 :]]))
        before = self._texts()
        self.run("tests/tools/generate.py")
        after = self._texts()
        self.changed = {name for name, text in after.items() if before.get(name) != text}

    def _texts(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.place)): path.read_bytes()
            for path in self.place.rglob("*")
            if path.is_file()
        }

    def run(self, *command: str, **environment: str) -> str:
        """With this Python, in the copy; what it says."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ANSIBLE_", "PYTEST_"))
        }
        done = subprocess.run(
            [sys.executable, "-B", *command],
            cwd=self.place,
            env={
                **inherited,
                "ANSIBLE_COLLECTIONS_PATH": str(self.root),
                "ANSIBLE_HOME": str(self.root / "home" / "ansible"),
                "ANSIBLE_NOCOLOR": "1",
                "LC_ALL": "C.UTF-8",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


@pytest.fixture(scope="module")
def copy() -> Iterator[Copy]:
    with workspace() as space:
        yield Copy(space)


@pytest.fixture
def server() -> Iterator[ThirdPostServer]:
    with ThirdPostServer() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def test_the_generator_writes_everything_else(copy: Copy) -> None:
    assert copy.changed == GENERATED
    readme = (copy.place / "README.md").read_text()
    assert "- **ThirdPost** (made up for the tests)\n" in readme
    assert (
        "| ThirdPost | `api_key` | `THIRDPOST_API_KEY` | Required. The key of the account" in readme
    )
    assert "  - thirdpost\n" in (copy.place / "galaxy.yml").read_text()


def test_the_documentation_speaks_of_each_provider_s_own_option(copy: Copy) -> None:
    said = copy.run("-m", "ansible", "doc", "--json", "mailops.email.tracking_domains")
    options = json.loads(said)["mailops.email.tracking_domains"]["doc"]["options"]
    assert options["provider"]["choices"] == ["sendclean", "sendcloud", "thirdpost"]
    region = " ".join(options["region"]["description"])
    for text in ("SendCloud. The region", "V(hongkong)", "ThirdPost. Where the account is. One of"):
        assert text in region
    assert "E(SENDCLOUD_REGION)" in region
    assert "E(THIRDPOST_REGION)" in region
    specs = yaml.safe_load(
        (copy.place / "roles/tracking_domain/meta/argument_specs.yml").read_text()
    )
    assert "ThirdPost" in str(specs["argument_specs"]["main"]["options"]["tracking_domain_region"])


def test_the_tests_of_what_looks_at_providers_hold(copy: Copy) -> None:
    said = copy.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *TESTS)
    assert " passed" in said


def module(what: str, **options: Any) -> dict[str, Any]:
    return {"name": f"Run {what}", f"mailops.email.{what}": options, "register": "ran"}


def expect(*that: str) -> dict[str, Any]:
    return {"name": "Expect", "ansible.builtin.assert": {"that": list(that)}}


def test_a_play_works(copy: Copy, server: ThirdPostServer) -> None:
    domains = [{"name": NAME}, {"name": OTHER}]
    many = {"domains": domains, "verify": True}
    defaults = {"provider": "thirdpost", "api_url": server.url, "dns_check": "off"}
    # Of another provider, whose region has that name.
    defaults |= {"api_user": "u", "owner_id": "1", "region": "eu"}
    play = {
        "name": "At the third provider",
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": sys.executable},
        "module_defaults": {"group/mailops.email.all": defaults},
        "tasks": [
            module("tracking_domains", **many),
            expect(
                "ran is changed",
                "ran.tracking_domains | map(attribute='verified') | min",
                "ran.tracking_domains[0].cname.target == 'links.eu.thirdpost.example'",
            ),
            module("tracking_domains", **many),
            expect("ran is not changed"),
            module("tracking_domain", name=OTHER, state="absent"),
            expect("ran.action == 'deleted'"),
            module("tracking_domain_info"),
            expect(f"ran.tracking_domains | map(attribute='name') == ['{NAME}']"),
            {**module("tracking_domain", name=NAME, region="singapore"), "ignore_errors": True},
            expect("ran.msg is search('region must be one of us, eu, not')"),
            {
                "name": "Run the role",
                "ansible.builtin.include_role": {"name": "mailops.email.tracking_domain"},
                "vars": {
                    "tracking_domain_provider": "thirdpost",
                    "tracking_domain_api_url": server.url,
                    "tracking_domain_region": "eu",
                    "tracking_domain_dns_check": "off",
                    "tracking_domain_domains": [NAME, ROLES],
                },
            },
            expect(
                "tracking_domain_result.tracking_domains | map(attribute='name') | list"
                f" == ['{NAME}', '{ROLES}']"
            ),
        ],
    }
    path = copy.root / "play.yml"
    path.write_text(yaml.safe_dump([play]))
    said = copy.run(
        *("-m", "ansible", "playbook", "-vvv", "-i", "localhost,", "-c", "local", str(path)),
        THIRDPOST_API_KEY=KEY,
        THIRDPOST_SUBACCOUNT="17",
    )
    assert "failed=0" in said
    assert KEY not in said
    assert server.domains == {NAME: True, ROLES: True}
    verify = {f"POST tracking-domains/{name}/verify" for name in (NAME, OTHER)}
    assert server.calls[0] == "GET tracking-domains"
    assert sorted(server.calls[1:5]) == sorted(["POST tracking-domains"] * 2 + list(verify))
    assert server.calls[5:9] == [
        "GET tracking-domains",
        "GET tracking-domains",
        f"DELETE tracking-domains/{OTHER}",
        "GET tracking-domains",
    ]
