# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the options mean: blanks, the environment, the other provider's, and what makes no sense."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from ansible_collections.mailops.email.plugins.module_utils._ansible import options as _options
from ansible_collections.mailops.email.plugins.module_utils._ansible.options import (
    MissingLibrary,
    check_numbers,
    check_texts,
    connection_options,
    connection_spec,
    domain_spec,
    entry_spec,
    info_spec,
    marked,
    set_spec,
    settings_from,
    stripped,
    texts_in,
    wait_spec,
    wanted_from,
    without_blanks,
)
from ansible_collections.mailops.email.plugins.module_utils._certificates import (
    bundle as _certificate,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.wanted import Settings, Wanted
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import name_patterns
from ansible_collections.mailops.email.plugins.module_utils._providers.facts import Option
from ansible_collections.mailops.email.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.mailops.email.tests.support.certificates import (
    DAY,
    Authority,
    Issued,
    now,
)
from ansible_collections.mailops.email.tests.unit.doubles import CLEAN, CLOUD

NAME = "t.example.com"
TASK = {"verify": False, "wait": False, "dangling": "fail"}
ENTRY = {"name": NAME, "state": "present", "certificate_update": "on_change"}
SET = {
    **TASK,
    "domains": [ENTRY],
    "wait_timeout": 60.0,
    "wait_interval": 5.0,
    "purge": True,
    "purge_limit": 3,
    "purge_exclude": ["*.org"],
    "concurrency": 7,
}


def refusal(call: Any, *args: Any, **more: Any) -> TrackingError:
    with pytest.raises(TrackingError) as caught:
        call(*args, **more)
    return caught.value


# --- specs ---------------------------------------------------------------------------------------


def test_secrets_are_marked_as_such_everywhere() -> None:
    connection, entry = connection_spec(), set_spec()["domains"]["options"]
    for spec in (connection["token"], connection["api_key"], domain_spec()["private_key"]):
        assert spec["no_log"] is True
    assert entry["private_key"]["no_log"] is True
    # Ansible would guess so from the names.
    assert not connection["owner_id"].get("no_log")


def test_options_of_one_name_make_one_that_any_provider_can_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What one provider requires, chooses from or defaults to is no business of the others."""
    alike = {
        "api_key": Option(description="A key.", env="ELSEWHERE_API_KEY"),
        "region": Option(description="A place.", env="ELSEWHERE_REGION", choices=("eu", "us")),
        "token": Option(description="A word.", env="ELSEWHERE_TOKEN"),
    }
    third = replace(CLOUD, name="elsewhere", title="Elsewhere", options=alike)
    for order in (["elsewhere", *PROVIDERS], [*PROVIDERS, "elsewhere"]):
        kinds = {**PROVIDERS, "elsewhere": mock.Mock(facts=third)}
        monkeypatch.setattr(_options, "PROVIDERS", {name: kinds[name] for name in order})
        spec = connection_spec()
        assert spec["region"] == {"type": "str", "no_log": False}
        assert spec["api_key"] == spec["token"] == {"type": "str", "no_log": True}
    given = {"api_user": "u", "api_key": "k", "region": "eu"}
    assert connection_options(given, third, {})["region"] == "eu"
    assert connection_options({}, third, {})["region"] is None
    said = str(refusal(connection_options, given, CLOUD, {}))
    assert "O(region) must be one of singapore" in said


def test_a_set_s_entry_has_the_options_of_one_domain() -> None:
    """`tracking_domain` and `tracking_domains` are one thing."""
    own = {"verify", "wait", "dangling"}
    assert set(entry_spec()) == set(domain_spec()) | own
    assert own <= set(wait_spec())
    for name in own:
        assert "default" not in entry_spec()[name], "the task's word counts"


@pytest.mark.parametrize(
    ("spec", "defaults"),
    [
        (
            connection_spec(),
            {"timeout": 30.0, "retries": 5, "validate_certs": True},
        ),
        (domain_spec(), {"state": "present", "certificate_update": "on_change"}),
        (
            wait_spec(),
            {
                "verify": False,
                "wait": False,
                "wait_timeout": 300.0,
                "wait_interval": 10.0,
                "dangling": "fail",
            },
        ),
        (set_spec(), {"purge": False, "purge_limit": 5, "purge_exclude": [], "concurrency": 4}),
        (info_spec(), {"senders": False, "tls_check": False, "tls_port": 443}),
    ],
    ids=["connection", "domain", "wait", "set", "info"],
)
def test_defaults_are_the_contract(spec: Any, defaults: Any) -> None:
    assert {name: o["default"] for name, o in spec.items() if "default" in o} == defaults


# --- blanks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({"a": "", "b": "x"}, {"b": "x"}),
        ({"a": {"b": "", "c": {"d": ""}}}, {"a": {"c": {}}}),
        ({"a": ["", "x", ""]}, {"a": ["x"]}),
        ({"a": [{"b": "", "c": 1}]}, {"a": [{"c": 1}]}),
        ({"a": None, "b": {"c": None, "d": 1}}, {"b": {"d": 1}}),
        ({"a": [None], "b": False, "c": 0, "d": [], "e": {}}, ...),
        ({"a": " "}, ...),
    ],
)
def test_an_option_that_is_blank_is_not_given(given: Any, left: Any) -> None:
    assert without_blanks(given) == (given if left is ... else left)


def test_white_space_around_options_of_the_connection_is_dropped() -> None:
    given = {"token": "a b\r\n", "region": " us", "api_url": "\t", "timeout": 3, "name": " x"}
    left = {"token": "a b", "region": "us", "api_url": "", "timeout": 3, "name": " x"}
    assert stripped(given) == left


def test_every_text_in_options() -> None:
    given = {"a": "x", "b": 1, "c": None, "d": [{"e": "y"}, "z", "w"], "f": {"g": ["v"]}}
    assert {"x", "y", "z", "w", "z\nw", "v"} <= set(texts_in(given))


def test_a_private_key_in_its_place_is_left_to_ansible() -> None:
    assert set(texts_in([{"private_key": "k", "certificate": "c"}])) == {"", "c"}


# --- connection ----------------------------------------------------------------------------------

CLEAN_ENV = {
    "SENDCLEAN_OWNER_ID": "1",
    "SENDCLEAN_TOKEN": "t",
    "SENDCLEAN_APP_DOMAIN": "a.net",
    "SENDCLEAN_CNAME_TARGET": "c.net",
    "SENDCLEAN_API_URL": "https://clean",
}
CLOUD_ENV = {
    "SENDCLOUD_API_USER": "u",
    "SENDCLOUD_API_KEY": "k",
    "SENDCLOUD_REGION": "us",
    "SENDCLOUD_API_URL": "https://cloud",
}


def test_everything_may_come_from_the_environment() -> None:
    environ = {**CLEAN_ENV, **CLOUD_ENV}
    assert connection_options({}, CLEAN, environ) == {
        "api_url": "https://clean",
        "owner_id": "1",
        "token": "t",
        "app_domain": "a.net",
        "cname_target": "c.net",
    }
    assert connection_options({}, CLOUD, environ) == {
        "api_url": "https://cloud",
        "api_user": "u",
        "api_key": "k",
        "region": "us",
    }


def test_white_space_around_variables_is_dropped() -> None:
    for facts, environ in ((CLEAN, CLEAN_ENV), (CLOUD, CLOUD_ENV)):
        padded = {name: f" {value}\r\n" for name, value in environ.items()}
        assert connection_options({}, facts, padded) == connection_options({}, facts, environ)
    blank = connection_options(
        {"api_user": "u", "api_key": "k"}, CLOUD, dict.fromkeys(environ, " ")
    )
    assert (blank["region"], blank["api_url"]) == ("singapore", None)


def test_the_task_comes_before_the_environment_and_that_before_the_default() -> None:
    given = {"region": "china", "api_url": "https://task"}
    options = connection_options(given, CLOUD, CLOUD_ENV)
    assert (options["region"], options["api_url"]) == ("china", "https://task")
    credentials = {"api_user": "u", "api_key": "k"}
    assert connection_options(credentials, CLOUD, {})["region"] == "singapore"
    blank = dict.fromkeys(CLOUD_ENV, "")
    assert connection_options(credentials, CLOUD, blank)["region"] == "singapore"
    assert connection_options(credentials, CLOUD, blank)["api_url"] is None


class Tagged(int):
    """As Ansible has numbers of its own kind."""


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (5349, "a number: YAML has read it as 5349"),
        (Tagged(5349), "a number: YAML has read it as 5349"),
        (1.5, "a number"),
        (True, "true or false"),
        (date(2027, 12, 31), "something else: YAML has read it as 2027-12-31"),
        (["x"], "a list"),
        ({"x": 1}, "a dictionary"),
    ],
)
def test_an_option_that_yaml_did_not_read_as_text_is_refused(value: Any, kind: str) -> None:
    with pytest.raises(TrackingError) as caught:
        check_texts({"owner_id": value, "token": "t"}, CLEAN)
    assert f"owner_id must be text, but was given as {kind}" in str(caught.value)
    assert "SENDCLEAN_OWNER_ID" in str(caught.value.hint)
    assert caught.value.code == "validation"
    # Of the provider in question only.
    check_texts({"owner_id": value, "api_user": "u", "timeout": 3}, CLOUD)


def test_a_secret_that_is_no_text_is_refused_without_being_shown() -> None:
    with pytest.raises(TrackingError) as caught:
        check_texts({"token": 48151623}, CLEAN)
    assert "O(token) must be text" in str(caught.value)
    assert "48151623" not in f"{caught.value} {caught.value.hint}"


def test_the_other_provider_s_options_are_ignored() -> None:
    both = {"owner_id": "1", "token": "t", "app_domain": "a.net"}
    both |= {"api_user": "u", "api_key": "k", "region": "mars"}
    assert set(connection_options(both, CLEAN, CLOUD_ENV)) == {"api_url", *CLEAN.options}
    assert connection_options(both, CLEAN, CLOUD_ENV)["api_url"] is None


@pytest.mark.parametrize(
    ("facts", "lacking"),
    [(CLEAN, "owner_id"), (CLEAN, "token"), (CLOUD, "api_user"), (CLOUD, "api_key")],
)
@pytest.mark.parametrize("blank", [None, ""])
def test_what_is_required_and_nowhere(facts: Any, lacking: str, blank: str | None) -> None:
    environ = {**CLEAN_ENV, **CLOUD_ENV}
    environ[facts.options[lacking].env] = blank or ""
    error = refusal(connection_options, {lacking: blank}, facts, environ)
    assert error.code == "validation"
    shown = lacking if "_" in lacking else f"O({lacking})"
    assert f"{shown} is required for the provider {facts.name}" in str(error)
    assert facts.options[lacking].env in str(error.hint), "where else it may come from"
    assert "localhost" in str(error.hint), "and on which host that is read"


def test_everything_that_is_missing_is_named_at_once() -> None:
    error = refusal(connection_options, {}, CLEAN, {})
    assert "owner_id, O(token) and app_domain are required for the provider sendclean" in str(error)
    for variable in ("SENDCLEAN_OWNER_ID", "SENDCLEAN_TOKEN", "SENDCLEAN_APP_DOMAIN"):
        assert variable in str(error.hint)
    assert CLEAN.credentials_hint in str(error.hint)
    error = refusal(connection_options, {"api_key": "k"}, CLOUD, {})
    assert "api_user is required for the provider sendcloud" in str(error)


def test_an_option_that_only_makes_the_address_is_not_required_with_an_address() -> None:
    given = {"owner_id": "1", "token": "t"}
    assert connection_options({**given, "api_url": "https://x"}, CLEAN, {})["app_domain"] is None
    environ = {"SENDCLEAN_API_URL": "https://x"}
    assert connection_options(given, CLEAN, environ)["app_domain"] is None
    assert "app_domain is required" in str(refusal(connection_options, given, CLEAN, {}))


def test_a_region_that_is_none_is_refused_wherever_it_comes_from() -> None:
    error = refusal(connection_options, {}, CLOUD, {**CLOUD_ENV, "SENDCLOUD_REGION": "mars"})
    assert "O(region) must be one of singapore, china, us, hongkong, not 'mars'" in str(error)
    assert "SENDCLOUD_REGION" in str(error)
    error = refusal(connection_options, {"region": "mars"}, CLOUD, CLOUD_ENV)
    assert "not 'mars'" in str(error)
    assert "SENDCLOUD_REGION" not in str(error)


@pytest.mark.parametrize("option", ["owner_id", "token", "app_domain", "cname_target"])
def test_what_is_not_utf_8_is_refused_without_repeating_it(option: str) -> None:
    error = refusal(connection_options, {option: "abc\udcffdef"}, CLEAN, CLEAN_ENV)
    assert error.code == "validation"
    assert f"{marked(option)} is not text in UTF-8" in str(error)
    assert "abc" not in str(error)


# --- numbers -------------------------------------------------------------------------------------


NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("timeout", [0.5, 3600.0], [0.0, -1.0, 3600.5, 1e12, NAN, INFINITE]),
        ("retries", [0, 100], [-1, 101, 10**400]),
        ("wait_timeout", [0.0, 86400.0], [-1.0, 86401.0, NAN, INFINITE, -INFINITE]),
        ("wait_interval", [0.01, 3600.0], [0.0, 3601.0, NAN, INFINITE]),
        ("purge_limit", [0, 10**400], [-1]),
        ("concurrency", [1, 64], [0, 65]),
        ("expires_within", [0, 10**400], [-1]),
        ("tls_port", [1, 65535], [0, 65536]),
    ],
)
def test_numbers_that_make_no_sense(name: str, good: list[float], bad: list[float]) -> None:
    for number in good:
        check_numbers({name: number})
    for number in bad:
        error = refusal(check_numbers, {name: number})
        assert error.code == "validation"
        assert f"{marked(name)} must be " in str(error)


def test_a_refused_number_is_told_with_what_is_possible() -> None:
    said = str(refusal(check_numbers, {"timeout": 1e12}))
    assert said == "O(timeout) must be more than 0, and 3600 at most, not 1000000000000.0."
    assert str(refusal(check_numbers, {"retries": 101})).startswith(
        "O(retries) must be 0 or more, and 100"
    )


# --- settings ------------------------------------------------------------------------------------


def test_settings_of_a_set() -> None:
    assert settings_from(SET, check_mode=True) == Settings(
        check_mode=True,
        concurrency=7,
        wait_timeout=60.0,
        wait_interval=5.0,
        whole_account=True,
        purge=True,
        purge_limit=3,
        purge_exclude=name_patterns(["*.org"]),
        purge_dangling="fail",
    )


def test_settings_of_one_domain() -> None:
    one = {key: SET[key] for key in ("verify", "wait", "dangling", "wait_timeout", "wait_interval")}
    assert settings_from(one, check_mode=False) == Settings(wait_timeout=60.0, wait_interval=5.0)


@pytest.mark.parametrize("domains", [[], [{"state": "absent"}] * 2])
def test_a_purge_without_a_domain_that_stays_is_refused(domains: Any) -> None:
    error = refusal(settings_from, {**SET, "domains": domains}, check_mode=False)
    assert error.code == "validation"
    assert "would delete all tracking domains" in str(error)
    settings_from({**SET, "domains": domains, "purge": False}, check_mode=False)
    settings_from({**SET, "domains": [*domains, {"state": "present"}]}, check_mode=False)


# --- a domain ------------------------------------------------------------------------------------


def wanted(
    entry: dict[str, Any] | None = None, task: dict[str, Any] | None = None, facts: Any = CLOUD
) -> Wanted:
    return wanted_from({**ENTRY, **(entry or {})}, {**TASK, **(task or {})}, facts, now=now())


def test_names_are_normalised() -> None:
    made = wanted({"name": "T.Example.COM.", "rename_from": "Bücher.example.com"})
    assert (made.name, made.rename_from) == (NAME, "xn--bcher-kva.example.com")


@pytest.mark.parametrize("option", ["name", "rename_from"])
def test_names_that_are_none_are_refused(option: str) -> None:
    assert "is a URL" in str(refusal(wanted, {option: "https://t.example.com"}))


@pytest.mark.parametrize(
    ("entry", "task", "verify", "wait", "dangling"),
    [
        ({}, {}, False, False, "fail"),
        ({}, {"verify": True, "wait": True, "dangling": "warn"}, True, True, "warn"),
        ({"verify": True}, {}, True, False, "fail"),
        ({"wait": False}, {"verify": True, "wait": True}, True, False, "fail"),
        ({"verify": False}, {"verify": True, "wait": True}, False, False, "fail"),
        ({"verify": None, "wait": None, "dangling": None}, {"verify": True}, True, False, "fail"),
        ({"dangling": "ignore"}, {"dangling": "warn"}, False, False, "ignore"),
        ({"state": "absent"}, {"verify": True, "wait": True}, False, False, "fail"),
    ],
)
def test_an_entry_s_own_word_comes_before_the_task_s(
    entry: Any, task: Any, verify: bool, wait: bool, dangling: str
) -> None:
    made = wanted(entry, task)
    assert (made.verify, made.wait, made.dangling) == (verify, wait, dangling)


@pytest.mark.parametrize(
    ("entry", "task"),
    [
        ({}, {"wait": True}),
        ({"wait": True}, {}),
        ({"verify": False, "wait": True}, {"verify": True}),
    ],
)
def test_wait_without_verify_is_refused(entry: Any, task: Any) -> None:
    error = refusal(wanted, entry, task)
    assert error.code == "validation"
    assert "wait needs verify" in str(error)


# --- certificates --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def issued() -> Issued:
    return Authority.root().issue(NAME)


def test_as_text_or_as_files(issued: Issued, tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text(issued.fullchain)
    (tmp_path / "key.pem").write_text(issued.key)
    (tmp_path / "key.pem").chmod(0o600)
    texts = {"certificate": issued.fullchain, "private_key": issued.key}
    paths = {"certificate_path": str(tmp_path / "cert.pem")}
    paths["private_key_path"] = str(tmp_path / "key.pem")
    for given in (texts, paths, {**texts, **paths}):
        made = wanted(given)
        assert made.problem is None
        assert made.certificate is not None
        assert NAME in made.certificate.names


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"certificate": "PEM"}, "a certificate is given without its private key"),
        ({"private_key": "PEM"}, "a private key is given without its certificate"),
        ({"certificate_path": "/no/cert.pem"}, "/no/cert.pem"),
        ({"certificate": "PEM", "private_key": "PEM"}, "certificate"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_that_domain_s_problem(given: Any, says: str) -> None:
    problem = wanted(given).problem
    assert problem is not None
    assert problem.code == "validation"
    assert says in str(problem)


def test_an_expired_one_is_that_domain_s_problem() -> None:
    old = Authority.root().issue(NAME, not_before=now() - 9 * DAY, not_after=now() - DAY)
    problem = wanted({"certificate": old.fullchain, "private_key": old.key}).problem
    assert problem is not None
    assert "expired" in str(problem)


@pytest.mark.parametrize(
    "option", ["certificate", "private_key", "certificate_path", "private_key_path"]
)
def test_a_provider_without_certificates_refuses_any(option: str) -> None:
    error = refusal(wanted, {option: "x"}, facts=CLEAN)
    assert error.code == "unsupported"
    assert "SendClean does not accept certificates" in str(error)


def test_what_is_to_go_takes_no_certificate_whatever_is_wrong_with_it() -> None:
    error = refusal(wanted, {"state": "absent", "certificate": "expired", "private_key": "x"})
    assert (error.code, "only possible with state: present" in str(error)) == ("validation", True)


def test_without_cryptography_only_certificates_fail(
    monkeypatch: pytest.MonkeyPatch, issued: Issued
) -> None:
    monkeypatch.setattr(_certificate, "CRYPTOGRAPHY_IMPORT_ERROR", "the traceback")
    assert wanted().certificate is None
    error = refusal(wanted, {"certificate": issued.fullchain, "private_key": issued.key})
    assert isinstance(error, MissingLibrary)
    assert (error.code, error.library, error.trace) == (
        "dependency",
        "cryptography",
        "the traceback",
    )
