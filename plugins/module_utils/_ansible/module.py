# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Between Ansible and the rest. Private to this collection: no promise is made to others.

The only place that makes an AnsibleModule and ends a run.
"""

from __future__ import annotations

import contextlib
import os
import traceback
import typing as t
from dataclasses import replace
from datetime import datetime, timezone

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.mailops.email.plugins.module_utils._ansible.option_names import reworded
from ansible_collections.mailops.email.plugins.module_utils._ansible.options import (
    MissingLibrary,
    check_numbers,
    check_texts,
    connection_options,
    secrets_in,
    settings_from,
    stripped,
    wanted_from,
    without_blanks,
    without_password,
)
from ansible_collections.mailops.email.plugins.module_utils._ansible.results import (
    every_text,
    failure_of_set,
    presentable,
    result_of_one,
    result_of_set,
    with_each_text,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.converge import Converger
from ansible_collections.mailops.email.plugins.module_utils._engine.inspect import (
    inspect,
    warnings_of,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.outcome import Outcome
from ansible_collections.mailops.email.plugins.module_utils._engine.wanted import Wanted
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._http import client
from ansible_collections.mailops.email.plugins.module_utils._http.redaction import Redactor
from ansible_collections.mailops.email.plugins.module_utils._names import normalise_name
from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.mailops.email.plugins.module_utils._text import readable
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import TrackingDomain

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._dns.live_dns import LiveDns
    from ansible_collections.mailops.email.plugins.module_utils._tls.probe import TlsFinding

# A secret that is shorter may be a part of many a word.
SHORT_SECRET = 8

Result = t.Dict[str, t.Any]
Answer = t.Tuple[Result, t.Optional[TrackingError]]


class LongestFirst(t.Set[str]):
    """Secrets in the order in which they must be masked: one may be a part of another.

    Some releases of ansible-core mask in whatever order a set has, and then a short secret that is
    masked first hides the rest of a long one from being found.
    """

    def __iter__(self) -> t.Iterator[str]:
        return iter(sorted(super().__iter__(), key=len, reverse=True))


class Module(AnsibleModule):
    """An AnsibleModule for which an empty string counts as an option that was not given.

    Secrets are masked in whatever option they stand, and however wrong the options are: Ansible masks
    what is declared as secret, and a key that is given as the certificate, say, is refused only later.
    """

    params: dict[str, t.Any]
    no_log_values: set[str]

    def _load_params(self) -> None:
        self._redact = Redactor([])
        self._redacted: set[str] = set()
        super()._load_params()
        # What the role hands in; these are no options, because they are no user's to give.
        # How its variables are called, for messages.
        self.option_prefix = str(self.params.pop("_option_prefix", ""))
        # See Wanted.looks_at_old_name.
        self.removes_records = bool(self.params.pop("_removes_records", False))
        self.takes_over: dict[str, list[str]] = self.params.pop("_takes_over", None) or {}
        # See Settings.
        self.settings = dict(self.params.pop("_settings", {}))
        self.params = without_blanks(stripped(self.params))
        self.given = dict(self.params)
        self.no_log_values = LongestFirst(self.no_log_values)
        self.no_log_values.update(secrets_in(self.params, self.argument_spec))
        if "api_url" in self.params:
            # As it is shown it is as wrong as it was: what is masked in it must not be there.
            self.params["api_url"] = without_password(str(self.params["api_url"]))

    def _log_invocation(self) -> None:
        # Options that are not UTF-8 cannot be logged; they are refused later, in words.
        with contextlib.suppress(UnicodeError):
            super()._log_invocation()

    def log(self, msg: str, log_args: dict[str, t.Any] | None = None) -> None:
        """Write to the system's log.

        Ansible puts a module's options there as Python writes them, and what it masks in that does
        not know a private key with its line breaks escaped.
        """
        shown = {name: self._loggable(value) for name, value in (log_args or {}).items()}
        super().log(self._loggable(msg), log_args=shown)

    def _loggable(self, value: t.Any) -> str:
        """Without secrets, and without what the system's log refuses: NUL and lone surrogates."""
        text = self._redactor()(str(value)).replace("\0", "?")
        return text.encode("utf-8", "replace").decode("utf-8")

    def _redactor(self) -> Redactor:
        """Of all that is known to be secret by now."""
        self._redact.add(*(str(value) for value in self.no_log_values - self._redacted))
        self._redacted.update(self.no_log_values)
        return self._redact

    def masked(self, value: t.Any) -> t.Any:
        """What is returned, without secrets in any spelling, in keys too: Ansible knows one, and no keys."""
        redact = self._redactor()
        whole = "\n".join(every_text(value))
        return value if redact(whole) == whole else with_each_text(value, redact)

    def tell(self, line: str) -> None:
        """A warning that may have text of others in it."""
        self.warn(readable(self._redactor()(line)))


def run(module: Module, work: t.Callable[[Module, Provider], Answer]) -> None:
    """Open the account, do the work, and end the module's run with its answer or its failure."""

    def in_account(module: Module) -> Answer:
        provider = open_account(module)
        try:
            return work(module, provider)
        finally:
            provider.http.close()

    run_alone(module, in_account)


def run_alone(module: Module, work: t.Callable[[Module], Answer]) -> None:
    """Do work that needs no account, and end the module's run with its answer or its failure."""
    result: Result = {}
    error: TrackingError | None
    try:
        result, error = work(module)
    except TrackingError as exc:
        error = exc
    except Exception as exc:  # pylint: disable=broad-except
        error = _bug(exc)
    if not module._diff:
        result.pop("diff", None)
    if error and error.provider is None:
        error.provider = module.params.get("provider")
    result, lost = presentable(result)
    for line in lost:
        module.tell(line)
    result = module.masked(result)
    if isinstance(error, MissingLibrary):
        module.fail_json(
            msg=missing_required_lib(error.library),
            exception=error.trace,
            failure=error.as_failure(),
        )
    elif error:
        failed = module.masked({"msg": str(error), "failure": error.as_failure()})
        module.fail_json(**reworded({**failed, **result}, module.option_prefix))
    else:
        module.exit_json(**reworded(result, module.option_prefix))


def converge_one(module: Module, provider: Provider) -> Answer:
    """The work of ``tracking_domain``."""
    now = _now()
    outcome = _converge(module, provider, [module.params], now)
    return result_of_one(outcome, now), outcome.domains[0].error


def converge_set(module: Module, provider: Provider) -> Answer:
    """The work of ``tracking_domains``."""
    now = _now()
    outcome = _converge(module, provider, module.params["domains"], now)
    return result_of_set(outcome, now), failure_of_set(outcome, provider.facts)


def _converge(
    module: Module, provider: Provider, entries: t.Sequence[t.Any], now: datetime
) -> Outcome:
    """Bring the account to what the entries declare, and tell the warnings."""
    settings = replace(
        settings_from(module.params, check_mode=module.check_mode),
        takes_over={name: tuple(replaced) for name, replaced in module.takes_over.items()},
        **module.settings,
    )
    wanted = _wanted(module, provider, entries, now)
    converger = Converger(provider, settings, live_dns=_live_dns(module))
    outcome = converger.run(wanted)
    for line in outcome.warnings:
        module.tell(line)
    return outcome


def read_info(module: Module, provider: Provider) -> Answer:
    """The work of ``tracking_domain_info``."""
    now = _now()
    params = module.params
    check_numbers(params)
    names = None
    if params["name"]:
        names = list(dict.fromkeys(normalise_name(name) for name in params["name"]))
    make_dns = _live_dns(module)
    inspection = inspect(
        provider,
        names,
        live_dns=make_dns() if make_dns else None,
        tls_probe=_tls_probe(module, now) if params["tls_check"] else None,
        senders=params["senders"],
    )
    for line in warnings_of(inspection, provider):
        module.tell(line)
    return inspection.as_result(now, params["expires_within"]), None


def _wanted(
    module: Module, provider: Provider, entries: t.Sequence[t.Mapping[str, t.Any]], now: datetime
) -> list[Wanted]:
    wanted = [
        wanted_from(
            entry,
            module.params,
            provider.facts,
            now=now,
            removes_records=module.removes_records,
        )
        for entry in entries
    ]
    # Those read from files, and those in another form than given, are secrets as well.
    keys = [entry.certificate.private_key for entry in wanted if entry.certificate]
    provider.http.redact.add(*keys)
    module.no_log_values.update(keys)
    return wanted


def open_account(module: Module) -> Provider:
    """The provider's client for the module's connection options.

    :raises TrackingError: ``validation`` or ``dependency``; nothing is sent yet.
    """
    if client.REQUESTS_IMPORT_ERROR:
        raise MissingLibrary("requests", client.REQUESTS_IMPORT_ERROR)
    params = module.params
    kind = PROVIDERS[params["provider"]]
    check_texts(module.given, kind.facts)
    options = connection_options(params, kind.facts, os.environ)
    secrets = [
        value
        for name, value in options.items()
        if value and name in kind.facts.options and kind.facts.options[name].secret
    ]
    # Those from the environment are unknown to Ansible: have it mask them as well.
    module.no_log_values.update(secrets)
    if any(len(value) < SHORT_SECRET for value in secrets):
        module.tell(
            f"The secret of this account has fewer than {SHORT_SECRET} characters. It is masked "
            "everywhere in the output, also where the same characters occur by chance, so parts of "
            "names and messages may be missing. Check that it is the right one."
        )
    check_numbers(params)
    http = client.HttpClient(
        base_url=client.check_base_url(options["api_url"] or kind.base_url(options)),
        provider=kind.facts.name,
        title=kind.facts.title,
        rate_hint=kind.facts.rate_hint,
        rate_limit_wait=kind.facts.rate_limit_wait,
        timeout=params["timeout"],
        retries=params["retries"],
        verify=params["validate_certs"],
        ca_path=params["ca_path"],
        connections=params.get("concurrency") or 1,
        secrets=[str(value) for value in module.no_log_values],
        log=module.log,
    )
    return kind(http, options)


def _live_dns(module: Module) -> t.Callable[[], LiveDns] | None:
    params = module.params
    if params["dns_check"] == "off":
        return None

    return lambda: _live_dns_by(params["dns_check"], params["dns_servers"])


def _live_dns_by(check: str, servers: t.Sequence[str] | None) -> LiveDns:
    from ansible_collections.mailops.email.plugins.module_utils._dns import live_dns

    if live_dns.DNS_IMPORT_ERROR:
        raise MissingLibrary("dnspython", live_dns.DNS_IMPORT_ERROR)
    return live_dns.LiveDns(check=check, servers=servers or ())


def _tls_probe(
    module: Module, now: datetime
) -> t.Callable[[t.Sequence[TrackingDomain]], dict[str, TlsFinding]]:
    from ansible_collections.mailops.email.plugins.module_utils._certificates import bundle
    from ansible_collections.mailops.email.plugins.module_utils._tls import probe

    if bundle.CRYPTOGRAPHY_IMPORT_ERROR:
        raise MissingLibrary("cryptography", bundle.CRYPTOGRAPHY_IMPORT_ERROR)
    params = module.params
    more: dict[str, t.Any] = {}
    if params["dns_servers"]:
        more["addresses"] = _live_dns_by("recursive", params["dns_servers"]).addresses

    def probe_all(domains: t.Sequence[TrackingDomain]) -> dict[str, TlsFinding]:
        return probe.probe_all(
            hosts=[probe.TlsRequest(domain.name, domain.certificate) for domain in domains],
            port=params["tls_port"],
            ca_path=params["ca_path"],
            now=now,
            **more,
        )

    return probe_all


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _bug(exc: BaseException) -> TrackingError:
    """An unexpected error by its kind and place. Its text may hold a secret, so it is left out."""
    where = type(exc).__name__
    frames = traceback.extract_tb(exc.__traceback__)
    if frames:
        where += f" in {os.path.basename(frames[-1].filename)}, line {frames[-1].lineno}"
    return TrackingError(
        "bad_response",
        f"Unexpected error, a bug in mailops.email: {where}",
        hint="Please report it, with what was declared. To see what was done so far, run again.",
    )
