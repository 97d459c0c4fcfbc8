# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's variables, checked. Private to this collection: no promise is made to others.

Which variables there are, with their defaults, is read from the role's argument specs: what a user
reads about them and what is done with them have one source. The specs themselves check nothing,
because Ansible answers a mistake with all of them; here it is one line.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import os
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from ansible_collections.mailops.email.plugins.module_utils._ansible.dns_update import (
    ENVIRONMENT,
    server_from,
    update_spec,
)
from ansible_collections.mailops.email.plugins.module_utils._ansible.option_names import (
    prefixed,
    with_prefix,
)
from ansible_collections.mailops.email.plugins.module_utils._ansible.options import (
    check_numbers,
    check_texts,
    connection_spec,
    dns_spec,
    set_spec,
    wait_spec,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.client import Endpoint
from ansible_collections.mailops.email.plugins.module_utils._dns.primary import key_from
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import (
    NamePattern,
    name_patterns,
    normalise_name,
    quoted,
)
from ansible_collections.mailops.email.plugins.module_utils._providers.facts import ProviderFacts
from ansible_collections.mailops.email.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.mailops.email.plugins.plugin_utils._declared import blank
from ansible_collections.mailops.email.plugins.plugin_utils._values import typed

Data = t.Dict[str, t.Any]
Given = t.Mapping[str, t.Any]

PREFIX = "tracking_domain_"
_SPECS = Path(__file__).resolve().parents[3] / "roles/tracking_domain/meta/argument_specs.yml"
# Those that are the role's own, or that the role takes another way than the modules do.
_ROLE_SPEC: t.Dict[str, t.Dict[str, t.Any]] = {
    "dns_provider": {"type": "str"},
    "dns_zone": {"type": "str"},
    "dns_ttl": {"type": "int"},
    "dns_overwrite": {"type": "bool"},
    "removal_timeout": {"type": "float"},
    "expect_no_changes": {"type": "bool"},
}
# What the role itself sets, or hands to tasks of the user's; and the names of modules, under which
# plays register their results.
_OWN = ("result", "record", "dns_changes", "dns_sent", "info")
_LONGEST_TTL = 2**31 - 1
_NSUPDATE, _CUSTOM = "nsupdate", "custom"


@functools.lru_cache(maxsize=1)
def specs() -> Data:
    """The role's variables as its argument specs describe them, without the prefix."""
    main = yaml.safe_load(_SPECS.read_text(encoding="utf-8"))["argument_specs"]["main"]
    return {name[len(PREFIX) :]: spec for name, spec in main["options"].items()}


@dataclass(frozen=True)
class BackEnd:
    """What publishes records: an entry of the table beside the tasks files.

    :param collections: that its tasks need.
    :param python: what its modules import, and the library that has it.
    :param needs_zone: it cannot change a record without its zone.
    :param exact: it removes a record with exactly the value that it is given, and no other one.
    :param required: variables without the role's prefix, of each group of which one must be set; each with
        the environment variable that does as well, or None.
    """

    name: str
    collections: tuple[str, ...] = ()
    python: t.Mapping[str, str] = field(default_factory=dict)
    needs_zone: bool = False
    exact: bool = False
    required: tuple[t.Mapping[str, str | None], ...] = ()

    @property
    def publishes(self) -> bool:
        return self.name != "none"


@dataclass(frozen=True)
class Settings:
    """The role's variables as they are meant.

    :param connection: the modules' options that say which account.
    :param dns: the modules' options that say how the live DNS is looked up.
    :param verify: also for entries that do not say it; so is ``wait`` (None: depends).
    :param wait_timeout: seconds; so are ``wait_interval``, ``removal_timeout`` and ``dns_ttl``.
    """

    connection: Data
    dns: Data
    back_end: BackEnd
    verify: bool
    wait: bool | None
    wait_timeout: float
    wait_interval: float
    removal_timeout: float
    dns_ttl: int
    dns_zone: str | None
    dns_overwrite: bool
    dangling: str
    concurrency: int
    purge: bool
    purge_limit: int
    purge_exclude: tuple[NamePattern, ...]
    expect_no_changes: bool

    @property
    def looks(self) -> bool:
        """Whether the live DNS is looked up."""
        return bool(self.dns["dns_check"] != "off")

    @property
    def facts(self) -> ProviderFacts:
        return PROVIDERS[self.connection["provider"]].facts

    @property
    def title(self) -> str:
        return self.facts.title

    @property
    def waits(self) -> bool:
        """Whether to wait for verifications."""
        return self.wait_timeout > 0 and self.wait is not False

    @property
    def waits_for_others(self) -> bool:
        """Whether also for records that somebody else publishes."""
        return self.wait_timeout > 0 and self.wait is True


def read(
    given: Given,
    names: t.Iterable[str],
    back_ends: t.Mapping[str, Given],
    environment: t.Mapping[str, str] | None = None,
    *,
    directory: str = "",
) -> tuple[Settings | None, list[str]]:
    """The variables as they are meant: what is null or blank is not set, AWX sends such.

    :param given: values by name, with the role's prefix.
    :param names: all variables of the play that begin with the prefix.
    :param back_ends: the table of back ends.
    :param environment: of the modules that the role runs; this process's, if not given.
    :param directory: where a relative path starts from: the playbook's.
    :return: None where something is wrong; and what, a line each.
    """
    environment = os.environ if environment is None else environment
    values = {name[len(PREFIX) :]: value for name, value in given.items()}
    problems = _unknown(names, back_ends)
    result = _typed(values, problems)
    problems += _about_provider(result)
    back_end = _back_end(result, values, back_ends, environment, problems)
    if back_end is not None and not problems:
        problems += _about_back_end(back_end.name, result, environment, directory)
    if problems or back_end is None:
        return None, problems
    connection = {name: result[name] for name in connection_spec() if result.get(name) is not None}
    return (
        Settings(
            connection=connection,
            dns={"dns_check": result["dns_check"], "dns_servers": result["dns_servers"]},
            back_end=back_end,
            verify=bool(result["verify"]),
            wait=result["wait"],
            wait_timeout=result["wait_timeout"],
            wait_interval=result["wait_interval"],
            removal_timeout=result["removal_timeout"],
            dns_ttl=result["dns_ttl"],
            dns_zone=result["dns_zone"],
            dns_overwrite=bool(result["dns_overwrite"]),
            dangling=result["dangling"],
            concurrency=result["concurrency"],
            purge=bool(result["purge"]),
            purge_limit=result["purge_limit"],
            purge_exclude=result["purge_exclude"],
            expect_no_changes=bool(result["expect_no_changes"]),
        ),
        [],
    )


def _checked_as(back_end: t.Any) -> dict[str, dict[str, t.Any]]:
    """What is checked, by the specs of the modules: the variables of the account, of its domains and of
    the back end that is used.

    Those of the provider are checked by ``check_texts``: of another provider they do not matter.
    """
    providers = {name for kind in PROVIDERS.values() for name in kind.facts.options}
    modules = {**connection_spec(), **dns_spec("authoritative"), **wait_spec(), **set_spec()}
    of_back_end = {name: {"type": "str"} for name in specs() if name.startswith(f"{back_end}_")}
    if back_end == _NSUPDATE:
        for name in of_back_end:
            of_back_end[name] = update_spec()[name[len(_NSUPDATE) + 1 :]]
    checked = {**modules, **_ROLE_SPEC, **of_back_end}
    return {
        name: option
        for name, option in checked.items()
        if name not in ("domains", "provider") and name not in providers
    }


def _typed(values: Given, problems: list[str]) -> Data:
    """All variables, each as what it is meant to be; a line in ``problems`` for what cannot be."""
    result: Data = {}
    for name, spec in specs().items():
        value = values.get(name)
        if blank(value):
            value = spec.get("default")
        result[name] = None if blank(value) else value
    # YAML reads `off` as false.
    if str(result["dns_check"]).lower() == "false":
        result["dns_check"] = "off"

    def complain(name: str, what: object) -> None:
        shown = "" if specs()[name].get("no_log") else f", not {quoted(result[name])}"
        problems.append(f"{PREFIX}{name} must be {what}{shown}.")

    for name, option in _checked_as(result["dns_provider"]).items():
        try:
            result[name] = typed(result[name], option)
        except ValueError as exc:
            complain(name, exc)
            # So that what follows does not complain of it again.
            result[name] = None
    if result["dns_zone"] is not None and not _is_zone(result["dns_zone"]):
        complain("dns_zone", "a zone such as example.com")
    if (result["dns_ttl"] or 0) > _LONGEST_TTL:
        complain("dns_ttl", f"{_LONGEST_TTL} seconds at most")
    problems += _refused(check_numbers, result)
    for server in result["dns_servers"] or ():
        problems += _refused(Endpoint.parse, server)
    try:
        result["purge_exclude"] = name_patterns(result["purge_exclude"] or ())
    except TrackingError as exc:
        problems.append(f"{PREFIX}purge_exclude: {exc}")
    return result


def _refused(check: t.Callable[[t.Any], object], value: t.Any) -> list[str]:
    """What a check of the modules says of a value, in the words of the role's variables."""
    try:
        check(value)
    except TrackingError as exc:
        return [with_prefix(str(exc), PREFIX)]
    return []


def _unknown(names: t.Iterable[str], back_ends: t.Iterable[str]) -> list[str]:
    """Variables that the role does not know, each with the one that was meant, perhaps.

    A back end of the user's own (a tasks file that was added) has variables of its own.
    """
    known = [*specs(), *_OWN]
    added = [name for name in back_ends if not any(k.startswith(f"{name}_") for k in known)]
    problems = []
    for full in sorted(names):
        name = full[len(PREFIX) :]
        if name in known or name.startswith(("_", *(f"{back_end}_" for back_end in added))):
            continue
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        meant = f" Did you mean {PREFIX}{near[0]}?" if near else ""
        problems.append(f"The role has no variable {full}.{meant}")
    return problems


def _about_provider(result: Data) -> list[str]:
    provider = result["provider"]
    if isinstance(provider, str) and provider in PROVIDERS:
        facts = PROVIDERS[provider].facts
        return _refused(lambda given: check_texts(given, facts), result)
    choices = ", ".join(sorted(PROVIDERS))
    if provider is None:
        return [f"{PREFIX}provider must be set, to one of {choices}."]
    near = difflib.get_close_matches(str(provider), PROVIDERS, n=1)
    meant = f" Did you mean {near[0]}?" if near else ""
    return [f"{PREFIX}provider must be one of {choices}, not {quoted(provider)}.{meant}"]


def _back_end(
    result: Data,
    values: Given,
    back_ends: t.Mapping[str, Given],
    environment: t.Mapping[str, str],
    problems: list[str],
) -> BackEnd | None:
    name = result["dns_provider"]
    if name is None:
        return None
    if name not in back_ends:
        problems.append(
            f"{PREFIX}dns_provider must be one of {', '.join(back_ends)}, not {quoted(name)}."
        )
        return None
    facts = back_ends[name] or {}
    back_end = BackEnd(
        name,
        collections=tuple(facts.get("collections") or ()),
        python=facts.get("python") or {},
        needs_zone=bool(facts.get("needs_zone")),
        exact=bool(facts.get("exact")),
        required=tuple(facts.get("required") or ()),
    )
    for group in back_end.required:
        if not any(
            not blank(values.get(variable)) or (other and not blank(environment.get(other)))
            for variable, other in group.items()
        ):
            ways = [
                f"{PREFIX}{variable}" + (f" (or {other} in the environment)" if other else "")
                for variable, other in group.items()
            ]
            problems.append(f"The DNS back end {name} needs {' or '.join(ways)}, which is not set.")
    absent = [each for each in back_end.collections if not _collection_is_there(each)]
    if absent:
        problems.append(
            f"The DNS back end {name} needs what is not installed here. Install it with: "
            f"ansible-galaxy collection install {' '.join(absent)}"
        )
    absent = [library for each, library in back_end.python.items() if not _imports(each)]
    if absent:
        problems.append(
            f"The DNS back end {name} needs Python libraries that are not installed for the Python "
            f"that runs Ansible. Install them with: python3 -m pip install {' '.join(absent)}"
        )
    return back_end


def _about_back_end(
    name: str, result: Data, environment: t.Mapping[str, str], directory: str
) -> list[str]:
    """What is wrong with the variables of the back end, as far as that can be known before it is used."""
    if name == _CUSTOM:
        if os.path.isfile(os.path.join(directory, result["custom_tasks"])):
            return []
        return [
            (
                f"{PREFIX}custom_tasks must name a tasks file (it is {quoted(result['custom_tasks'])}). "
                "A relative path starts from the playbook's directory."
            )
        ]
    if name != _NSUPDATE:
        return []
    spec = update_spec()
    options: Data = {}
    for option in spec:
        given = (
            result.get(f"{name}_{option}"),
            environment.get(ENVIRONMENT.get(option, "")),
            spec[option].get("default"),
        )
        options[option] = next((value for value in given if not blank(value)), None)
    try:
        key_from(server_from(options))
    except TrackingError as exc:
        return [prefixed(str(exc), f"{PREFIX}{name}_", spec)]
    return []


def _collection_is_there(name: str) -> bool:
    return _imports(f"ansible_collections.{name}")


def _imports(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def _is_zone(zone: t.Any) -> bool:
    try:
        # A zone may be a single label, which a host name may not.
        normalise_name(f"x.{zone}")
    except TrackingError:
        return False
    return True
