# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Between Ansible and the rest: secrets, blanks, the environment, missing libraries, bugs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
import yaml
from ansible.module_utils import basic
from ansible.module_utils.basic import missing_required_lib

from ansible_collections.mailops.email.plugins.module_utils._ansible import module as _module
from ansible_collections.mailops.email.plugins.module_utils._ansible.module import Module
from ansible_collections.mailops.email.plugins.module_utils._engine import converge as _converge
from ansible_collections.mailops.email.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.mailops.email.tests.sandbox import SandboxAccount
from ansible_collections.mailops.email.tests.support.certificates import Authority, Issued
from ansible_collections.mailops.email.tests.unit.run_module import (
    MODULES,
    Ran,
    documentation,
    given,
    load,
    run_module,
)

ROOT = Path(load("tracking_domain").__file__).parents[2]
NAME = "t.example.com"
# What each module needs besides a connection.
WORK: dict[str, dict[str, Any]] = {
    "tracking_domain": {"name": NAME},
    "tracking_domains": {"domains": [{"name": NAME}]},
    "tracking_domain_info": {"name": [NAME]},
}


@pytest.fixture(params=MODULES)
def module(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def issued() -> Issued:
    return Authority.root().issue(NAME)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("SENDCLEAN_", "SENDCLOUD_")):
            monkeypatch.delenv(name)


def environment(account: SandboxAccount) -> dict[str, str]:
    """The account's options as the environment holds them."""
    options = dict(account.module_options)
    prefix = options.pop("provider").upper()
    return {f"{prefix}_{name.upper()}": value for name, value in options.items()}


NOT_TEXT = "abc\udcffdef"


# --- secrets -------------------------------------------------------------------------------------

# With what JSON, forms, HTML and shells have to escape.
SECRET = "s3cr3t+/=&\"'<x>\\y z-%41é"


def spellings(secret: str) -> set[str]:
    return {secret, json.dumps(secret)[1:-1], quote_plus(secret), "s3cr3t"}


def assert_secret(ran: Ran, *secrets: str) -> None:
    for secret in secrets:
        for spelling in spellings(secret) if secret == SECRET else {secret}:
            assert spelling not in ran.text


@pytest.fixture
def secret_account(
    request: pytest.FixtureRequest, new_account: Callable[..., SandboxAccount]
) -> SandboxAccount:
    return new_account(request.param, secret=SECRET)


both_vendors = pytest.mark.parametrize("secret_account", ["sendclean", "sendcloud"], indirect=True)
ways = pytest.mark.parametrize("way", ["options", "environment"])


def connection(account: SandboxAccount, way: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    if way == "options":
        return account.module_options
    for name, value in environment(account).items():
        monkeypatch.setenv(name, value)
    return {"provider": account.vendor}


@both_vendors
@ways
@pytest.mark.parametrize("check", [True, False])
def test_no_secret_in_a_success(
    module: str, secret_account: SandboxAccount, way: str, check: bool, monkeypatch: Any
) -> None:
    options = {**connection(secret_account, way, monkeypatch), **WORK[module]}
    ran = run_module(module, options, check=check, diff=True)
    assert not ran.failed, ran.output
    assert_secret(ran, SECRET)


@both_vendors
@ways
def test_no_secret_in_an_error_that_repeats_the_request(
    module: str, secret_account: SandboxAccount, way: str, monkeypatch: Any
) -> None:
    options = {**connection(secret_account, way, monkeypatch), **WORK[module]}
    secret_account.fault("echo", action="list")
    ran = run_module(module, options)
    assert ran.failed
    assert "cannot process" in ran["msg"], "the rest of the vendor's words is there"
    assert "********" in ran["msg"]
    assert_secret(ran, SECRET)


@both_vendors
@ways
@pytest.mark.parametrize(
    ("kind", "value"),
    [("reset", None), ("http_error", 502), ("redirect", None), ("rate_limited", 1), ("cut", None)],
)
def test_no_secret_in_retries_and_their_log(
    secret_account: SandboxAccount, way: str, kind: str, value: Any, monkeypatch: Any
) -> None:
    options = {**connection(secret_account, way, monkeypatch), "name": NAME, "retries": 1}
    secret_account.fault(kind, value, count=0)
    ran = run_module("tracking_domain", options)
    secret_account.clear_faults()
    assert ran.failed
    assert_secret(ran, SECRET)


@both_vendors
@ways
@pytest.mark.parametrize("blank", [None, ""])
def test_no_secret_where_a_required_option_is_missing(
    module: str, secret_account: SandboxAccount, way: str, blank: Any, monkeypatch: Any
) -> None:
    options = dict(connection(secret_account, way, monkeypatch))
    lacking = {"sendclean": "owner_id", "sendcloud": "api_user"}[secret_account.vendor]
    monkeypatch.delenv(f"{secret_account.vendor.upper()}_{lacking.upper()}", raising=False)
    ran = run_module(module, {**options, lacking: blank, **WORK[module]})
    assert ran.code == "validation"
    assert f"{lacking} is required" in ran["msg"]
    assert_secret(ran, SECRET)
    # Nor where Ansible itself misses one.
    without = {key: value for key, value in options.items() if key != "provider"}
    assert_secret(run_module(module, {**without, **WORK[module]}), SECRET)
    if module != "tracking_domain_info":
        assert_secret(run_module(module, options), SECRET)


@both_vendors
@ways
def test_no_secret_in_the_provider_s_own_object(
    secret_account: SandboxAccount, way: str, monkeypatch: Any
) -> None:
    options = connection(secret_account, way, monkeypatch)
    odd = {"domain": NAME, "name": NAME, "id": 1, "cname": {"valid": "No"}, "of": SECRET}
    answer = {
        "status": "success",
        "tracking_domain_list": [odd],
        "result": True,
        "statusCode": 200,
        "info": {"dataList": [odd], "total": 1},
    }
    secret_account.fault("wrong_shape", answer, action="list")
    ran = run_module("tracking_domain_info", options)
    assert "of" in ran["tracking_domains"][0]["vendor"]
    assert_secret(ran, SECRET)


def key_lines(issued: Issued, width: int = 64) -> list[str]:
    return [line for line in wrapped_at(issued.key, width).splitlines() if "-----" not in line]


@pytest.mark.parametrize("how", ["text", "path", "text with CRLF"])
@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize("fault", ["echo", None, "http_error"])
def test_no_private_key_anywhere(
    how: str,
    many: bool,
    fault: str | None,
    issued: Issued,
    sendcloud: SandboxAccount,
    tmp_path: Path,
) -> None:
    domain: dict[str, Any] = {"name": NAME}
    if how == "path":
        for name, text in (("certificate", issued.fullchain), ("private_key", issued.key)):
            path = tmp_path / name
            path.write_text(text)
            path.chmod(0o600)
            domain[f"{name}_path"] = str(path)
    else:
        line_end = "\r\n" if "CRLF" in how else "\n"
        domain["certificate"] = issued.fullchain.replace("\n", line_end)
        domain["private_key"] = issued.key.replace("\n", line_end)
    if fault:
        sendcloud.fault(fault, action="add", count=0)
    work = {"domains": [domain]} if many else domain
    module = "tracking_domains" if many else "tracking_domain"
    ran = run_module(module, {**sendcloud.module_options, **work, "retries": 0}, diff=True)
    sendcloud.clear_faults()
    assert ran.failed == bool(fault)
    assert_secret(ran, sendcloud.secret, *key_lines(issued))
    if fault == "echo":
        assert "cannot process" in ran.text


def test_no_private_key_where_the_name_is_missing(
    issued: Issued, sendcloud: SandboxAccount
) -> None:
    pem = {"certificate": issued.fullchain, "private_key": issued.key}
    for module, work in (
        ("tracking_domain", pem),
        ("tracking_domains", {"domains": [pem]}),
        ("tracking_domain", {**pem, "name": "https://x"}),
        ("tracking_domains", {"domains": [{**pem, "name": "https://x"}]}),
        ("tracking_domain", {**pem, "name": NAME, "certificate": "rubbish"}),
        ("tracking_domain", {"private_key": issued.key, "name": NAME}),
        ("tracking_domain", {**pem, "name": "other.example.com"}),
    ):
        ran = run_module(module, {**sendcloud.module_options, **work})
        assert ran.failed
        assert_secret(ran, sendcloud.secret, *key_lines(issued))


def wrapped_at(text: str, width: int) -> str:
    """A PEM block with lines of another length."""
    first, *body, last = text.splitlines()
    return "\n".join([first, *textwrap.wrap("".join(body), width), last])


WRONG: dict[str, Callable[[Issued], dict[str, Any]]] = {
    "swapped": lambda i: {"certificate": i.key, "private_key": i.fullchain},
    "both in one": lambda i: {"certificate": i.fullchain + i.key},
    "both in both": lambda i: dict.fromkeys(("certificate", "private_key"), i.key + i.fullchain),
    "wrapped otherwise": lambda i: {"certificate": wrapped_at(i.key, 76), "private_key": "x"},
    "in one line": lambda i: {"certificate": i.key.replace("\n", "\\n"), "private_key": "x"},
    "folded": lambda i: {"certificate": " ".join(i.key.split("\n")), "private_key": "x"},
    "cut off": lambda i: {"certificate": i.key[:150], "private_key": "x"},
    "as lines": lambda i: {"certificate": i.key.splitlines(), "private_key": "x"},
    "key as its path": lambda i: {"private_key_path": i.key, "certificate": i.fullchain},
    "key as the other path": lambda i: {"certificate_path": i.key, "private_key": i.fullchain},
    "one line as a path": lambda i: {"private_key_path": i.key.replace("\n", "\\n")},
    "as the name": lambda i: {"name": i.key},
    "in one line as the name": lambda i: {"name": i.key.replace("\n", "\\n")},
    "as the old name": lambda i: {"rename_from": i.key},
    "as the id": lambda i: {"id": i.key},
    "as the state": lambda i: {"state": i.key},
    "as an unknown option": lambda i: {"key": i.key},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=list(WRONG))
@pytest.mark.parametrize("many", [True, False])
def test_no_private_key_from_an_option_where_none_belongs(
    wrong: Callable[[Issued], dict[str, Any]],
    many: bool,
    issued: Issued,
    sendcloud: SandboxAccount,
) -> None:
    domain = {"name": NAME, **wrong(issued)}
    work = {"domains": [domain]} if many else domain
    module = "tracking_domains" if many else "tracking_domain"
    ran = run_module(module, {**sendcloud.module_options, **work})
    assert ran.failed
    assert ran.log or "failure" not in ran.result, "Ansible logs the options that it takes"
    assert_secret(ran, *key_lines(issued), *key_lines(issued, 76))
    assert set(sendcloud.operations()) <= {"list"}


@pytest.mark.parametrize("many", [True, False])
def test_a_secret_that_is_a_part_of_another_does_not_save_the_rest(
    many: bool, issued: Issued, sendcloud: SandboxAccount
) -> None:
    # ansible-core 2.16 masks in the order of a set, which differs from secret to secret.
    lines = key_lines(issued)
    for piece in (line[start : start + 3] for line in lines for start in range(0, 30, 6)):
        domain = {"name": NAME, "certificate": issued.key, "private_key": piece}
        work = {"domains": [domain]} if many else domain
        module = "tracking_domains" if many else "tracking_domain"
        ran = run_module(module, {**sendcloud.module_options, **work})
        assert ran.failed
        for line in lines:
            assert all(rest not in ran.text for rest in line.split(piece) if len(rest) > 8)


@pytest.mark.parametrize("form", ["list", "dict", "list of dicts"])
@pytest.mark.parametrize("many", [True, False])
def test_no_private_key_that_is_no_text(
    many: bool, form: str, issued: Issued, sendcloud: SandboxAccount
) -> None:
    """What a look-up of secrets may return."""
    key: Any = {"list": [issued.key], "dict": {"content": issued.key}}.get(
        form, [{"content": issued.key}]
    )
    domain = {"name": NAME, "certificate": issued.fullchain, "private_key": key}
    work = {"domains": [domain]} if many else domain
    module = "tracking_domains" if many else "tracking_domain"
    ran = run_module(module, {**sendcloud.module_options, **work}, check=True)
    assert_secret(ran, *key_lines(issued))


@pytest.mark.parametrize(
    "domains",
    [[NAME], NAME, [1], [None], [{"name": NAME}, NAME], {"name": NAME}, [[NAME]]],
    ids=str,
)
def test_no_secret_where_an_entry_is_of_the_wrong_kind(
    domains: Any, issued: Issued, account: SandboxAccount
) -> None:
    """Ansible then forgets what it collected of the options that are secret."""
    if isinstance(domains, list) and isinstance(domains[0], dict):
        domains[0]["private_key"] = issued.key
    ran = run_module("tracking_domains", {**account.module_options, "domains": domains})
    assert ran.failed or isinstance(domains, dict)
    assert_secret(ran, account.secret, *key_lines(issued))


@pytest.mark.parametrize(
    "address",
    [
        "https://somebody:p%40ssw0rd@api.example.com/",
        "https://p%40ssw0rd@api.example.com/",
        "https://somebody:p%40ssw0rd@[bad/",
        "https://somebody:p%40ssw0rd/x@api.example.com/",
        "https://somebody:x#p%40ssw0rd?@api.example.com/",
        "https://api.example.com/?apiKey=p%40ssw0rd",
        "https://api.example.com/#p%40ssw0rd",
        "https://[bad/?apiKey=p%40ssw0rd",
        "somebody:p%40ssw0rd@api.example.com",
        "//somebody:p%40ssw0rd@api.example.com",
        "http://somebody:p%40ssw0rd@127.0.0.1/",
        ["https://somebody:p%40ssw0rd@api.example.com/"],
    ],
)
@pytest.mark.parametrize("broken", [False, True])
def test_no_password_from_an_address(address: Any, broken: bool, account: SandboxAccount) -> None:
    options = {**account.module_options, "api_url": address, "name": NAME}
    if broken:
        options["timeout"] = "soon"
    ran = run_module("tracking_domain", options)
    assert ran.failed
    if not broken:
        assert ran.code == "validation"
        assert ran.result["failure"]["provider"] == account.vendor
    assert ran["invocation"]["module_args"]["api_url"]
    assert_secret(ran, "p%40ssw0rd", "p@ssw0rd", "ssw0rd")


@pytest.mark.parametrize("address", ["https://api.example.com/a@b", "http://127.0.0.1:1/"])
def test_an_address_without_a_password_is_shown(address: str, account: SandboxAccount) -> None:
    options = {**account.module_options, "api_url": address, "name": NAME, "retries": -1}
    ran = run_module("tracking_domain", options)
    assert ran["invocation"]["module_args"]["api_url"] == address


@pytest.mark.parametrize("option", ["dns_servers", "api_url", "ca_path", "region", "timeout"])
def test_no_private_key_from_an_option_of_the_task(
    module: str, option: str, issued: Issued, sendcloud: SandboxAccount
) -> None:
    options = {**sendcloud.module_options, **WORK[module], option: issued.key}
    more = {"dns_check": "authoritative"} | ({"verify": True} if "info" not in module else {})
    ran = run_module(module, {**options, **more})
    assert ran.failed
    assert_secret(ran, *key_lines(issued))


# --- the environment and blanks ------------------------------------------------------------------


def test_the_environment_alone_is_enough(
    module: str, account: SandboxAccount, monkeypatch: Any
) -> None:
    for name, value in environment(account).items():
        monkeypatch.setenv(name, value)
    assert not run_module(module, {"provider": account.vendor, **WORK[module]}).failed


def test_an_empty_string_is_an_option_that_was_not_given(
    module: str, account: SandboxAccount, monkeypatch: Any
) -> None:
    """As AWX sends for each field of a survey that is left blank: every option, choices too."""
    for name, value in environment(account).items():
        monkeypatch.setenv(name, value)
    blank = dict.fromkeys(documented_options(module), "")
    blank |= {"dns_servers": [""], "provider": account.vendor}
    work = WORK[module]
    if module == "tracking_domains":
        work = {"domains": [{**dict.fromkeys(documentation_of_a_domain(), ""), "name": NAME}]}
    ran = run_module(module, {**blank, **work})
    assert not ran.failed, ran.output
    assert ran.result["invocation"]["module_args"]["timeout"] == 30.0


def documented_options(module: str) -> list[str]:
    """Those of the module itself; its fragments add the connection."""
    options = list(documentation(module, "DOCUMENTATION")["options"])
    connection = ["token", "api_key", "owner_id", "api_user", "region", "api_url", "ca_path"]
    more = ["timeout", "retries", "validate_certs", "app_domain", "cname_target"]
    if module != "tracking_domain_info":
        more += ["verify", "wait", "wait_timeout", "wait_interval", "dangling"]
    return [*options, *connection, *more]


def documentation_of_a_domain() -> list[str]:
    return list(
        documentation("tracking_domains", "DOCUMENTATION")["options"]["domains"]["suboptions"]
    )


def test_the_other_provider_s_options_do_no_harm(
    module: str, sendclean: SandboxAccount, sendcloud: SandboxAccount
) -> None:
    """As `module_defaults` of the group holds them, for both at once."""
    both = {**sendclean.module_options, **sendcloud.module_options}
    del both["api_url"]
    for account in (sendclean, sendcloud):
        options = {**both, "provider": account.vendor, "api_url": account.url}
        assert not run_module(module, {**options, **WORK[module]}).failed


@pytest.mark.parametrize("value", ["mars", 5, ["mars"], {"a": "mars"}, NOT_TEXT], ids=range(5))
def test_the_other_provider_s_options_are_ignored_whatever_they_hold(
    module: str, value: Any, account: SandboxAccount
) -> None:
    others = {
        name: value
        for kind in PROVIDERS.values()
        if kind.facts.name != account.vendor
        for name in kind.facts.options
    }
    ran = run_module(module, {**others, **account.module_options, **WORK[module]})
    assert not ran.failed, ran.output


def test_the_group_holds_every_module_that_takes_an_account() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    assert runtime["requires_ansible"] == ">=2.16.0"
    found = sorted(
        path.stem
        for path in (ROOT / "plugins" / "modules").glob("[a-z]*.py")
        if "- mailops.email.account\n" in path.read_text()
    )
    assert sorted(runtime["action_groups"]["all"]) == found == sorted(MODULES)


# --- numbers and addresses -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"timeout": 1e12},
        {"timeout": "nan"},
        {"timeout": "inf"},
        {"retries": 1000},
        {"api_url": "https://.example.com/api"},
    ],
)
def test_options_that_make_no_sense_are_refused_in_words(
    module: str, options: Any, account: SandboxAccount
) -> None:
    ran = run_module(module, {**account.module_options, **WORK[module], **options})
    assert ran.code == "validation"
    assert account.calls()["total"] == 0


# --- what is not UTF-8 ---------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["options", "environment"])
@pytest.mark.parametrize("credential", ["secret", "identity"])
def test_a_credential_that_is_not_utf_8_is_refused_in_words(
    module: str, way: str, credential: str, account: SandboxAccount, monkeypatch: Any
) -> None:
    names = {"sendclean": ("token", "owner_id"), "sendcloud": ("api_key", "api_user")}
    option = names[account.vendor][credential == "identity"]
    options = dict(account.module_options)
    if way == "options":
        options[option] = NOT_TEXT
    else:
        del options[option]
        monkeypatch.setitem(os.environ, f"{account.vendor}_{option}".upper(), NOT_TEXT)
    ran = run_module(module, {**options, **WORK[module]})
    assert ran.code == "validation"
    assert f"{option} is not text in UTF-8" in ran["msg"]
    assert "abc" not in ran["msg"]
    assert account.calls()["total"] == 0


@pytest.mark.parametrize("name", [NOT_TEXT, f"{NOT_TEXT}.example.com", "a\0b.example.com"])
def test_a_name_that_is_no_text_is_refused_in_words(name: str, account: SandboxAccount) -> None:
    ran = run_module("tracking_domain", {**account.module_options, "name": name})
    assert ran.code == "validation"
    assert "is not a host name" in ran["msg"]


@pytest.mark.parametrize("line", [f"of {NOT_TEXT}", "a\0b", "sch\u00f6n"])
def test_whatever_is_logged_can_be_written(line: str, monkeypatch: Any) -> None:
    written: list[bytes] = []
    monkeypatch.setattr(basic, "has_journal", False)
    monkeypatch.setattr(
        basic.syslog, "syslog", lambda _level, text: written.append(text.encode("utf-8"))
    )
    with given({"provider": "sendclean", "name": NAME}):
        made = Module(argument_spec={"provider": {"type": "str"}, "name": {"type": "str"}})
    made.log(line, {"a": line})
    assert len(written) == 2, "the options, and this line"
    assert b"\0" not in written[1]


# --- missing libraries ---------------------------------------------------------------------------

BLOCKED = """
import importlib, sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocker())
importlib.import_module("ansible_collections.mailops.email.tests.unit.conftest")
from ansible.module_utils import basic
basic._ANSIBLE_ARGS = {sent!r}
basic._ANSIBLE_PROFILE = "legacy"
importlib.import_module("ansible_collections.mailops.email.plugins.modules.{module}").main()
"""


def without(libraries: set[str], module: str, options: dict[str, Any]) -> Ran:
    """Runs a module in a Python that cannot import some libraries."""
    sent = json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode()
    script = BLOCKED.format(blocked=libraries, sent=sent, module=module)
    tree = os.pathsep.join(entry for entry in sys.path if entry)
    done = subprocess.run(
        [sys.executable, "-B", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": tree},
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert lines, done.stderr
    return Ran(json.loads(lines[0]), done.stdout + done.stderr)


LIBRARIES = {"requests": "requests", "dnspython": "dns", "cryptography": "cryptography"}


def assert_standard(ran: Ran, library: str) -> None:
    assert ran.failed
    start = missing_required_lib(library).split("(", maxsplit=1)[0]
    assert ran["msg"].startswith(start)
    assert library in ran["msg"]
    assert ran.code == "dependency"


def test_without_requests(sendclean: SandboxAccount) -> None:
    options = {**sendclean.module_options, "name": NAME}
    ran = without({"requests", "urllib3"}, "tracking_domain", options)
    assert_standard(ran, "requests")
    assert sendclean.secret not in ran.text
    assert sendclean.calls()["total"] == 0


@pytest.mark.parametrize(
    ("library", "module", "work"),
    [
        ("dnspython", "tracking_domain", {"name": NAME, "verify": True}),
        ("dnspython", "tracking_domain_info", {"dns_check": "authoritative"}),
        ("cryptography", "tracking_domain_info", {"tls_check": True}),
        (
            "cryptography",
            "tracking_domain",
            {"name": NAME, "certificate": "no PEM", "private_key": "no PEM"},
        ),
    ],
)
def test_without_what_only_a_feature_needs(
    library: str, module: str, work: Any, sendcloud: SandboxAccount
) -> None:
    ran = without({LIBRARIES[library]}, module, {**sendcloud.module_options, **work})
    assert_standard(ran, library)
    assert not set(sendcloud.operations()) & {"add", "update", "delete", "check"}


def test_without_both_where_no_feature_needs_them(account: SandboxAccount) -> None:
    options = {**account.module_options, "name": NAME}
    ran = without({"dns", "cryptography"}, "tracking_domain", options)
    assert not ran.failed, ran.text
    assert ran["action"] == "created"


# --- bugs ----------------------------------------------------------------------------------------


class Oops(Exception):
    pass


@pytest.mark.parametrize("error", [Oops("s3cr3t"), KeyError("s3cr3t"), RecursionError("s3cr3t")])
def test_a_bug_shows_no_traceback_and_no_secret(
    module: str, error: Exception, account: SandboxAccount, monkeypatch: Any
) -> None:
    def fail(*_args: Any, **_more: Any) -> Any:
        raise error

    monkeypatch.setattr(PROVIDERS[account.vendor], "list", fail)
    ran = run_module(module, {**account.module_options, **WORK[module]})
    assert ran.failed
    assert "a bug in mailops.email" in ran["msg"]
    assert ran.code == "bad_response"
    assert ran["failure"]["operation"] is None
    assert "Please report it" in ran["failure"]["hint"]
    assert type(error).__name__ in ran["msg"]
    assert "test_module.py, line" in ran["msg"]
    assert "Traceback" not in ran.text
    assert "s3cr3t" not in ran.text
    assert account.secret not in ran.text


def test_the_connection_is_closed_whatever_happens(
    account: SandboxAccount, monkeypatch: Any
) -> None:
    closed: list[int] = []
    close = _module.client.HttpClient.close
    monkeypatch.setattr(
        _module.client.HttpClient, "close", lambda self: (closed.append(1), close(self))
    )
    monkeypatch.setattr(_converge, "make_plan", lambda *_a, **_m: 1 / 0)
    for name in ("tracking_domain", "tracking_domain_info"):
        run_module(name, {**account.module_options, **WORK[name]})
    assert closed == [1, 1]


# --- connection options that reach the wire ------------------------------------------------------


def test_connection_options_reach_the_client(
    module: str, account: SandboxAccount, monkeypatch: Any, tmp_path: Path
) -> None:
    seen: dict[str, Any] = {}
    make = _module.client.HttpClient.__init__

    def spy(self: Any, **given: Any) -> None:
        seen.update(given)
        make(self, **given)

    monkeypatch.setattr(_module.client.HttpClient, "__init__", spy)
    monkeypatch.setattr(spy, "__kwdefaults__", dict(make.__kwdefaults__))
    options: dict[str, Any] = {"timeout": 7, "retries": 2, "validate_certs": False}
    if module == "tracking_domains":
        options["concurrency"] = 9
    assert not run_module(module, {**account.module_options, **options, **WORK[module]}).failed
    assert (seen["timeout"], seen["retries"], seen["verify"]) == (7.0, 2, False)
    assert seen["connections"] == (9 if module == "tracking_domains" else 1)
    assert account.secret in seen["secrets"]


@pytest.mark.parametrize("way", ["options", "environment"])
@pytest.mark.parametrize("fault", [None, "echo"])
def test_white_space_around_the_connection_s_options_does_no_harm(
    module: str, way: str, fault: str | None, account: SandboxAccount, monkeypatch: Any
) -> None:
    options = {name: f" {value}\r\n" for name, value in account.module_options.items()}
    if way == "environment":
        del options["provider"]
        for name, value in options.items():
            monkeypatch.setenv(f"{account.vendor}_{name}".upper(), value)
        options = {"provider": account.vendor}
    if fault:
        account.fault(fault, action="list")
    ran = run_module(module, {**options, **WORK[module]})
    assert ran.failed == bool(fault), ran.output
    assert_secret(ran, account.secret)


@pytest.mark.parametrize(
    ("given", "variable", "url"),
    [
        ({}, None, "https://api2.sendcloud.net/api"),
        ({}, "us", "https://api-us.aurorasendcloud.com/api"),
        ({}, " us\n", "https://api-us.aurorasendcloud.com/api"),
        ({}, " ", "https://api2.sendcloud.net/api"),
        ({"region": None}, "us", "https://api-us.aurorasendcloud.com/api"),
        ({"region": ""}, "us", "https://api-us.aurorasendcloud.com/api"),
        ({"region": "singapore"}, "us", "https://api2.sendcloud.net/api"),
        ({"region": "singapore"}, "mars", "https://api2.sendcloud.net/api"),
    ],
)
def test_where_the_region_comes_from(
    given: Any, variable: str | None, url: str, monkeypatch: Any
) -> None:
    if variable is not None:
        monkeypatch.setenv("SENDCLOUD_REGION", variable)
    options = {"provider": "sendcloud", "api_user": "u", "api_key": "k", **given}
    assert base_of(options, monkeypatch) == [url]


def test_a_region_of_the_environment_that_is_none(
    sendclean: SandboxAccount, monkeypatch: Any
) -> None:
    monkeypatch.setenv("SENDCLOUD_REGION", "mars")
    options = {"provider": "sendcloud", "api_user": "u", "api_key": "k"}
    ran = run_module("tracking_domain", {**options, "name": NAME})
    assert ran.code == "validation"
    assert "SENDCLOUD_REGION" in ran["msg"]
    other = run_module("tracking_domain", {**sendclean.module_options, "name": NAME})
    assert not other.failed, "it is no option of SendClean"


@pytest.mark.parametrize(
    ("options", "url"),
    [
        (
            {"provider": "sendclean", "owner_id": "1", "token": "t", "app_domain": "a.net"},
            "https://api.a.net/v1.0",
        ),
        (
            {"provider": "sendcloud", "api_user": "u", "api_key": "k"},
            "https://api2.sendcloud.net/api",
        ),
        (
            {"provider": "sendcloud", "api_user": "u", "api_key": "k", "region": "china"},
            "https://api.sendcloud.net/apiv2",
        ),
        (
            {
                "provider": "sendcloud",
                "api_user": "u",
                "api_key": "k",
                "region": "china",
                "api_url": "https://proxy.example.com/x/",
            },
            "https://proxy.example.com/x",
        ),
    ],
)
def test_where_the_api_is(options: Any, url: str, monkeypatch: Any) -> None:
    assert base_of(options, monkeypatch) == [url]


def base_of(options: Any, monkeypatch: Any) -> list[str]:
    """Where calls would go, without one: the network is not for tests."""
    seen: list[str] = []

    def stop(self: Any, *, base_url: str, **_more: Any) -> None:
        seen.append(base_url)
        raise Oops

    monkeypatch.setattr(stop, "__kwdefaults__", {"sleep": None})
    monkeypatch.setattr(_module.client.HttpClient, "__init__", stop)
    run_module("tracking_domain", {**options, "name": NAME})
    return seen
