# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules' options and what they mean. Private to this collection: no promise is made to others."""

from __future__ import annotations

import contextlib
import platform
import re
import typing as t
from dataclasses import replace
from datetime import datetime

from ansible_collections.mailops.email.plugins.module_utils._certificates.pem import key_parts
from ansible_collections.mailops.email.plugins.module_utils._engine.wanted import Settings, Wanted
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._http.client import check_base_url
from ansible_collections.mailops.email.plugins.module_utils._http.redaction import MASK
from ansible_collections.mailops.email.plugins.module_utils._names import (
    name_patterns,
    normalise_name,
)
from ansible_collections.mailops.email.plugins.module_utils._providers.facts import (
    Option,
    ProviderFacts,
)
from ansible_collections.mailops.email.plugins.module_utils._providers.registry import PROVIDERS

Spec = t.Dict[str, t.Dict[str, t.Any]]
Params = t.Mapping[str, t.Any]


def connection_spec() -> Spec:
    """The options that say which account: those of every provider, side by side.

    Without required ones, choices and defaults: each provider has its own, see ``connection_options``.
    """
    spec: Spec = {
        "provider": {"type": "str", "required": True, "choices": sorted(PROVIDERS)},
        "api_url": {"type": "str"},
        "timeout": {"type": "float", "default": 30.0},
        "retries": {"type": "int", "default": 5},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
    }
    for provider in PROVIDERS.values():
        for name, option in provider.facts.options.items():
            # Of options with one name, one that is secret makes them all so.
            secret = option.secret or spec.get(name, {}).get("no_log", False)
            spec[name] = {"type": "str", "no_log": secret}
    return spec


def dns_spec(default: str) -> Spec:
    """The options that say how the live DNS is looked at."""
    return {
        "dns_check": {
            "type": "str",
            "choices": ["authoritative", "recursive", "off"],
            "default": default,
        },
        "dns_servers": {"type": "list", "elements": "str"},
    }


def wait_spec() -> Spec:
    return {
        "verify": {"type": "bool", "default": False},
        "wait": {"type": "bool", "default": False},
        "wait_timeout": {"type": "float", "default": 300.0},
        "wait_interval": {"type": "float", "default": 10.0},
        "dangling": {"type": "str", "choices": ["fail", "warn", "ignore"], "default": "fail"},
    }


def domain_spec() -> Spec:
    """The options of one domain."""
    return {
        "name": {"type": "str", "required": True, "aliases": ["domain"]},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "id": {"type": "int"},
        "rename_from": {"type": "str"},
        "certificate": {"type": "str"},
        "private_key": {"type": "str", "no_log": True},
        "certificate_path": {"type": "path"},
        "private_key_path": {"type": "path"},
        "senders": {"type": "list", "elements": "str"},
        "certificate_update": {
            "type": "str",
            "choices": ["on_change", "always"],
            "default": "on_change",
        },
    }


def entry_spec() -> Spec:
    """The options of an entry of a set: those of one domain, and its own way from the task's rules."""
    spec = domain_spec()
    for name in ("verify", "wait"):
        spec[name] = {"type": "bool"}
    spec["dangling"] = {"type": "str", "choices": ["fail", "warn", "ignore"]}
    return spec


def set_spec() -> Spec:
    return {
        "domains": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": entry_spec(),
            "mutually_exclusive": EXCLUSIVE,
        },
        "purge": {"type": "bool", "default": False},
        "purge_limit": {"type": "int", "default": 5},
        "purge_exclude": {"type": "list", "elements": "str", "default": []},
        "concurrency": {"type": "int", "default": 4},
    }


def info_spec() -> Spec:
    return {
        "name": {"type": "list", "elements": "str", "aliases": ["names", "domain"]},
        "expires_within": {"type": "int"},
        "senders": {"type": "bool", "default": False},
        "tls_check": {"type": "bool", "default": False},
        "tls_port": {"type": "int", "default": 443},
    }


EXCLUSIVE = [
    ["certificate", "certificate_path"],
    ["private_key", "private_key_path"],
    ["id", "rename_from"],
]


def stripped(params: Params) -> dict[str, t.Any]:
    """Options, those of the connection without white space around: it comes from files and shells."""
    names = connection_spec()
    return {
        name: value.strip() if name in names and isinstance(value, str) else value
        for name, value in params.items()
    }


def without_blanks(value: t.Any) -> t.Any:
    """Options without those that are null or an empty string: templates send one for what is not set."""
    if isinstance(value, dict):
        return {
            key: without_blanks(item)
            for key, item in value.items()
            if item is not None and item != ""
        }
    if isinstance(value, list):
        return [without_blanks(item) for item in value if item != ""]
    return value


def texts_in(value: t.Any) -> t.Iterator[str]:
    """Every text within options, but for private keys as they are to be; a list's also as lines of one text.

    Ansible masks those: to mask each of their lines as well takes seconds for a hundred RSA keys.
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            if name != "private_key" or not isinstance(item, str):
                yield from texts_in(item)
    elif isinstance(value, list):
        yield "\n".join(item for item in value if isinstance(item, str))
        for item in value:
            yield from texts_in(item)


def secrets_in(params: Params, spec: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    """What must not be shown of options that are not checked yet.

    Ansible collects the values of secret options itself, but of none where one of another option is of a
    kind that it does not expect. And it knows nothing of keys in the wrong place.
    """
    for name, option in spec.items():
        if option.get("no_log") and params.get(name):
            yield str(params[name])
    for text in texts_in(params):
        yield from key_parts(text)


def without_password(url: str) -> str:
    """A URL without what may be a secret in it; such a URL is refused in any case.

    >>> without_password("https://me:hush@api.example.com/?key=hush")
    'https://********@api.example.com/?********'
    """
    with contextlib.suppress(TrackingError):
        check_base_url(url)
        return url
    scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", url)
    start = scheme.end() if scheme else 0
    # What is no address may have an @ within the password.
    rest = re.sub(r".*@", f"{MASK}@", url[start:], flags=re.DOTALL)
    return url[:start] + re.sub(r"([?#]).*", rf"\1{MASK}", rest, flags=re.DOTALL)


def check_texts(given: Params, facts: ProviderFacts) -> None:
    """Refuse options of the provider that are numbers, dates or the like: what was typed is lost.

    YAML reads ``0012345`` as 5349 and ``1e5`` as 100000, and so do ansible-core 2.19 and later with what
    AWX passes on from a survey. Ansible itself would make text of the number without a word.

    :param given: the options as they were given, before Ansible has made text of them.
    :raises TrackingError: ``validation``.
    """
    for name, option in facts.options.items():
        value = given.get(name)
        if value is None or isinstance(value, str):
            continue
        shown = "" if option.secret else f": YAML has read it as {value}"
        raise TrackingError(
            "validation",
            f"{marked(name)} must be text, but was given as {kind_of(value)}{shown}",
            provider=facts.name,
            hint=f"Write it in quotes, or set {option.env}: otherwise leading zeros and the like "
            "are lost. In AWX, use a credential for it, not a survey.",
        )


def kind_of(value: t.Any) -> str:
    """What a value is, in words."""
    # By what it is an instance of: Ansible has kinds of its own for numbers and the like.
    kinds: dict[str, t.Any] = {
        "true or false": bool,
        "a number": (int, float),
        "text": str,
        "a dictionary": t.Mapping,
        "a list": t.Sequence,
    }
    return next((kind for kind, of in kinds.items() if isinstance(value, of)), "something else")


def marked(name: str) -> str:
    """The name of an option for a message, from which ``option_names`` makes that of a variable of the role.

    >>> marked("region"), marked("api_url")
    ('O(region)', 'api_url')
    """
    return name if "_" in name else f"O({name})"


def connection_options(
    params: Params, facts: ProviderFacts, environ: t.Mapping[str, str]
) -> dict[str, str | None]:
    """The provider's own connection options: from the task, else the environment, else the default.

    Those of other providers are ignored, so that ``module_defaults`` can hold all.

    :raises TrackingError: ``validation`` where required ones are nowhere, or a value cannot be right.
    """
    options: dict[str, str | None] = {
        "api_url": params.get("api_url") or environ.get(facts.url_env, "").strip() or None
    }
    missing: dict[str, Option] = {}
    for name, option in facts.options.items():
        # A file's final line break is no part of a secret.
        value = params.get(name) or environ.get(option.env, "").strip() or option.default
        if value is not None:
            _check_value(name, value, option, facts, from_task=bool(params.get(name)))
        elif option.required and not (option.unless_api_url and options["api_url"]):
            missing[name] = option
        options[name] = value
    if missing:
        raise _lacking(missing, facts)
    return options


def _check_value(
    name: str, value: str, option: Option, facts: ProviderFacts, *, from_task: bool
) -> None:
    if not _is_text(value):
        raise TrackingError(
            "validation",
            f"{marked(name)} is not text in UTF-8, so it cannot be sent",
            provider=facts.name,
            hint="Check where it comes from: a binary file, or one in another encoding.",
        )
    if option.choices and value not in option.choices:
        source = "" if from_task else f" (from the environment variable {option.env})"
        raise TrackingError(
            "validation",
            f"{marked(name)} must be one of {', '.join(option.choices)}, not {value!r}{source}",
            provider=facts.name,
        )


def _lacking(missing: t.Mapping[str, Option], facts: ProviderFacts) -> TrackingError:
    """All that is missing at once, and where it may come from."""
    several = len(missing) > 1
    variables = _listed([option.env for option in missing.values()])
    names = _listed([marked(name) for name in missing])
    return TrackingError(
        "validation",
        f"{names} {'are' if several else 'is'} required for the provider {facts.name}",
        provider=facts.name,
        hint=f"Set the option{'s' if several else ''}, or {variables} in the environment of the host that "
        f"runs the module (this one is {platform.node()}; most people run it on localhost). "
        f"{facts.credentials_hint}",
    )


def _listed(words: t.Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _is_text(value: str) -> bool:
    """Whether it can be sent: octets that are not UTF-8 reach Python as lone surrogates (PEP 383)."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


# The least and the most that makes sense; None: no matter how much.
_RANGES: dict[str, tuple[float, float | None]] = {
    "timeout": (0.001, 3600),
    "retries": (0, 100),
    "wait_timeout": (0, 24 * 3600),
    "wait_interval": (0.001, 3600),
    "purge_limit": (0, None),
    "concurrency": (1, 64),
    "expires_within": (0, None),
    "tls_port": (1, 65535),
}


def check_numbers(params: Params) -> None:
    """Refuse numbers that make no sense.

    :raises TrackingError: ``validation``.
    """
    for name, (least, most) in _RANGES.items():
        value = params.get(name)
        # Written so that it holds for "not a number" as well.
        if value is None or (value >= least and (most is None or value <= most)):
            continue
        wanted = "more than 0" if least == 0.001 else f"{least} or more"
        if most is not None:
            wanted += f", and {most} at most"
        raise TrackingError("validation", f"{marked(name)} must be {wanted}, not {value}")


def settings_from(params: Params, *, check_mode: bool) -> Settings:
    """What is not of one domain; for the module of one domain, the set's options have their defaults."""
    check_numbers(params)
    whole = "domains" in params
    settings = Settings(
        check_mode=check_mode,
        wait_timeout=params["wait_timeout"],
        wait_interval=params["wait_interval"],
        purge_dangling=params["dangling"],
        whole_account=whole,
    )
    if not whole:
        return settings
    if params["purge"] and all(entry["state"] == "absent" for entry in params["domains"]):
        why = "no domain in the list stays" if params["domains"] else "the list is empty"
        raise TrackingError(
            "validation",
            f"purge would delete all tracking domains of the account, because {why}",
            hint="Declare the domains that stay; to delete all, declare each with state: absent, "
            "without purge.",
        )
    return replace(
        settings,
        concurrency=params["concurrency"],
        purge=params["purge"],
        purge_limit=params["purge_limit"],
        purge_exclude=name_patterns(params["purge_exclude"]),
    )


def wanted_from(
    entry: Params,
    task: Params,
    facts: ProviderFacts,
    *,
    now: datetime,
    removes_records: bool = False,
) -> Wanted:
    """One domain as the user wants it.

    :param entry: the domain's options.
    :param task: the task's options, which count where the entry says nothing.
    :param removes_records: the caller removes the record of a renamed domain itself, as the role does.
    :raises TrackingError: ``validation`` or ``unsupported``; a certificate that is no good is in
        ``problem`` instead, because it concerns only one domain.
    """
    name = normalise_name(entry["name"])

    def chosen(option: str) -> t.Any:
        return task[option] if entry.get(option) is None else entry[option]

    state, verify, wait = entry["state"], chosen("verify"), chosen("wait")
    if entry.get("verify") is False and entry.get("wait") is None:
        wait = False  # an entry of a set may opt out of both in a word
    if wait and not verify:
        raise TrackingError(
            "validation",
            f"{name}: wait needs verify, else there is nothing to wait for",
            hint="Set verify: true as well, or leave wait out.",
        )
    bundle, problem = None, None
    senders = entry.get("senders")
    if state == "absent" and _has_certificate(entry):
        raise TrackingError(
            "validation",
            f"{name}: a certificate is only possible with state: present",
            provider=facts.name,
            hint="Leave it out of an entry with state: absent.",
        )
    if _has_certificate(entry):
        if not facts.has_certificates:
            raise TrackingError(
                "unsupported",
                f"{name}: {facts.title} does not accept certificates for tracking domains",
                provider=facts.name,
                hint="Leave the certificate and the private key out.",
            )
        try:
            bundle = _certificate(entry, name, now)
        except TrackingError as exc:
            if exc.code == "dependency":
                raise
            exc.operation = exc.operation or f"use the certificate of tracking domain {name}"
            exc.provider = facts.name
            problem = exc
    return Wanted(
        name=name,
        state=state,
        id=entry.get("id"),
        rename_from=normalise_name(entry["rename_from"]) if entry.get("rename_from") else None,
        certificate=bundle,
        certificate_update=entry["certificate_update"],
        verify=verify and state == "present",
        wait=wait and state == "present",
        dangling=chosen("dangling"),
        looks_at_old_name=not (
            removes_records and entry.get("rename_from") and not entry.get("dangling")
        ),
        senders=None if senders is None else tuple(dict.fromkeys(senders)),
        problem=problem,
    )


def _has_certificate(entry: Params) -> bool:
    options = ("certificate", "private_key", "certificate_path", "private_key_path")
    return any(entry.get(option) for option in options)


def _certificate(entry: Params, name: str, now: datetime) -> t.Any:
    from ansible_collections.mailops.email.plugins.module_utils._certificates import (
        bundle as module,
    )

    if module.CRYPTOGRAPHY_IMPORT_ERROR:
        raise MissingLibrary("cryptography", module.CRYPTOGRAPHY_IMPORT_ERROR)
    certificate = entry.get("certificate")
    if entry.get("certificate_path"):
        certificate = module.read_pem(entry["certificate_path"], secret=False)
    private_key = entry.get("private_key")
    if entry.get("private_key_path"):
        private_key = module.read_pem(entry["private_key_path"], secret=True)
    if not certificate or not private_key:
        given, lacking = ("certificate", "private key")
        if not certificate:
            given, lacking = lacking, given
        raise TrackingError(
            "validation",
            f"a {given} is given without its {lacking}",
            hint="Give both (as PEM text or as paths) or neither.",
        )
    return module.load_bundle(certificate=certificate, private_key=private_key, name=name, now=now)


class MissingLibrary(TrackingError):
    """A Python library that the wanted feature needs is not there.

    :param library: as it is named on PyPI.
    :param trace: the traceback of the failed import, as Ansible's standard answer takes it.
    """

    def __init__(self, library: str, trace: str) -> None:
        super().__init__("dependency", f"the Python library {library} is missing")
        self.library = library
        self.trace = trace
