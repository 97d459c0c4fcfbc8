# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendClean: the only file that knows its API. Private to this collection: no promise is made to others.

Source of all that is not said otherwise: SendClean's "Tracking Domains Calls". Names are the
identity; there is no id, update, rename or certificate call.
"""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

from ansible_collections.mailops.email.plugins.module_utils._errors import (
    TrackingError,
    UnclearOutcome,
)
from ansible_collections.mailops.email.plugins.module_utils._http.answer import Answer
from ansible_collections.mailops.email.plugins.module_utils._providers.base import (
    Provider,
    name_from_provider,
)
from ansible_collections.mailops.email.plugins.module_utils._providers.facts import (
    Option,
    ProviderFacts,
)
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import TrackingDomain

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._certificates.bundle import (
        CertificateBundle,
    )
    from ansible_collections.mailops.email.plugins.module_utils._http.client import HttpClient

# The kinds of the documentation's table "Error types", and what the API says for an unknown path.
_CODES = {
    "validationerror": "validation",
    "authenticationerror": "authentication",
    "generalerror": "bad_response",
    "invalid request": "bad_response",
}
# Those that say for sure that nothing was done.
_CERTAIN = ("validationerror", "authenticationerror", "invalid request")
# Route Mobile's edition of the API writes smtp_list.
_LIST_KEYS = ("tracking_domain_list", "smtp_list")
_Body = t.Dict[str, t.Any]
_Read = t.TypeVar("_Read")
_RATE_HINT = "SendClean allows 60 calls a minute, 3,600 an hour and 50,000 a day."
_HINTS = {
    "authentication": "Check owner_id, O(token) and app_domain: all three belong to one account.",
    "rate_limited": _RATE_HINT,
}


class SendClean(Provider):
    """A SendClean account."""

    facts = ProviderFacts(
        name="sendclean",
        title="SendClean",
        about="formerly Sarv TES, now of Route Mobile",
        credentials_hint="SendClean's panel shows the owner id, the token and the application domain in the "
        "settings of the API; its support knows them too.",
        documentation_url="https://sendclean.com/docs/email-api/tracking_domains.JSON.php",
        options={
            "owner_id": Option(
                description="The number of the account's owner, as text.",
                env="SENDCLEAN_OWNER_ID",
                required=True,
            ),
            "token": Option(
                description="The account's API token.",
                env="SENDCLEAN_TOKEN",
                required=True,
                secret=True,
            ),
            "app_domain": Option(
                description="The account's application domain. The API's URL is C(https://api.) followed by "
                "this domain.",
                env="SENDCLEAN_APP_DOMAIN",
                required=True,
                unless_api_url=True,
                example="us1-mta1.sendclean.net",
            ),
            "cname_target": Option(
                description="The target that the CNAME of a tracking domain must point to. SendClean shows it in "
                "its panel, but not in its API. Without it the live DNS cannot be checked: domains are "
                "added and verified, but the role publishes no record, and a domain that still has a CNAME "
                "is not deleted.",
                env="SENDCLEAN_CNAME_TARGET",
                example="track.sendclean.net",
            ),
        },
        url_env="SENDCLEAN_API_URL",
        url_example="https://api.us1-mta1.sendclean.net/v1.0",
        has_ids=False,
        has_rename=False,
        has_certificates=False,
        checks_in_batches=False,
        keeps_checks=False,
        # Half of the 60 calls a minute is left to others.
        seconds_a_call=2.0,
        rate_hint=_RATE_HINT,
        # Five waits from two seconds on outlast the minute.
        rate_limit_wait=2.0,
        address_hint="Check app_domain and api_url: this may not be SendClean's API.",
        target_hint="SendClean's API does not say what the CNAME must point to: copy it from "
        "SendClean's panel into cname_target (or SENDCLEAN_CNAME_TARGET).",
        notes=(
            (
                "It is not known whether SendClean's list shows the result of a verification. If it does not, "
                "each run verifies the domain again, which does not count as a change. Check mode then reports "
                "a change, with a warning, if the list shows no domain of the account as verified."
            ),
            (
                "At SendClean each mail names the domain of its links in the header X-STes-TrackingDomain. A "
                "domain that no mail names is not used."
            ),
        ),
    )

    def __init__(self, http: HttpClient, options: t.Mapping[str, t.Any]) -> None:
        super().__init__(http, options)
        stated = options.get("cname_target")
        self._target = self.host_option("cname_target", stated) if stated else None

    @classmethod
    def base_url(cls, options: t.Mapping[str, t.Any]) -> str:
        host = cls.host_option("app_domain", options["app_domain"])
        return f"https://{host if host.startswith('api.') else 'api.' + host}/v1.0"

    def list(self) -> t.List[TrackingDomain]:
        operation = self.facts.operation("list")
        return self._call("listTrackingDomain", operation, write=False, read=self._many)

    def add(self, name: str, certificate: CertificateBundle | None) -> TrackingDomain:
        self._write("addTrackingDomain", self.facts.operation("add", name), name)
        # The answer has a status and a message only, so the rest is what a new domain is.
        return TrackingDomain(provider=self.facts.name, name=name, target=self._target)

    def check(self, domains: t.Sequence[TrackingDomain]) -> t.List[TrackingDomain]:
        return [
            domain.but(
                verified=self._call(
                    "checkTrackingDomain",
                    self.facts.operation("verify", domain.name),
                    write=False,
                    read=self._verdict,
                    domain=_spelled(domain),
                )
            )
            for domain in domains
        ]

    def delete(self, domain: TrackingDomain) -> None:
        operation = self.facts.operation("delete", domain.name)
        self._write("deleteTrackingDomain", operation, _spelled(domain))

    def shows_checks(self, present: t.Sequence[TrackingDomain]) -> bool | None:
        # An edition whose list has no such member never will.
        if present and all("cname" not in domain.vendor for domain in present):
            return False
        return None

    def target(self, present: t.Iterable[TrackingDomain]) -> str | None:
        return self._target

    def _write(self, action: str, operation: str, name: str) -> None:
        """A call whose success says nothing but that."""
        self._call(action, operation, write=True, read=lambda body: None, domain=name)

    def _call(
        self,
        action: str,
        operation: str,
        *,
        write: bool,
        read: t.Callable[[_Body], _Read],
        **members: str,
    ) -> _Read:
        """One call: POST and a JSON body for every action; the credentials are members of the body."""
        body = {
            "owner_id": str(self._options["owner_id"]),
            "token": self._options["token"],
            **members,
        }
        result: _Read = self.http.post(
            f"settings/{action}",
            operation=operation,
            write=write,
            interpret=lambda answer: read(self._interpret(answer)),
            json_body=body,
        )
        return result

    def _interpret(self, answer: Answer) -> _Body:
        """The body of a success. The HTTP status is no guide: errors come with 200, 400 or 500."""
        body = answer.body
        if not isinstance(body, dict):
            raise self.unreadable("the answer is not a JSON object", body)
        if body.get("status") == "success":
            return body
        # The kind stands in "name" (sample) or "type" (table); "code" is always -1.
        kind = body.get("name") or body.get("type")
        message = body.get("message")
        if kind is None and message is None:
            raise self.unreadable("the answer has no status that is known", body)
        known = str(kind).lower()
        code, certain = _CODES.get(known, "bad_response"), known in _CERTAIN
        if kind is None and answer.http_status in (401, 403):
            code, certain = "authentication", True
        if answer.http_status == 429:
            code = "rate_limited"
        hint = _HINTS.get(code)
        if kind is None or known == "invalid request":
            hint = hint or self.facts.address_hint
        if answer.http_status >= 500:
            hint = f"SendClean's server failed (HTTP {answer.http_status}): try again later."
        said = f"SendClean says: {message or 'nothing'} ({kind or 'no kind of error given'})"
        raise (TrackingError if certain else UnclearOutcome)(
            code,
            said,
            vendor_code=None if kind is None else str(kind),
            vendor_message=None if message is None else str(message),
            hint=hint,
        )

    def _many(self, body: _Body) -> t.List[TrackingDomain]:
        lists = [body[key] for key in _LIST_KEYS if key in body]
        # No sample shows an empty account; an empty list may be written as null.
        nothing: t.Any = [] if lists else None
        entries = next((each for each in lists if each is not None), nothing)
        if not isinstance(entries, list):
            raise self.unreadable("the answer has no tracking_domain_list", body)
        return [self._domain(entry) for entry in entries]

    def _verdict(self, body: _Body) -> bool:
        # One flag drives both (the table's "message" is a slip: the sample has "domain").
        answers = [
            _yes(body[key]) for key in ("valid_tracking", "cname") if body.get(key) is not None
        ]
        if not answers:
            raise self.unreadable("the answer has neither valid_tracking nor cname", body)
        return all(answers)

    def _domain(self, entry: t.Any) -> TrackingDomain:
        if not isinstance(entry, dict) or not isinstance(entry.get("domain"), str):
            raise self.unreadable("an entry of the list has no domain", entry)
        return TrackingDomain(
            provider=self.facts.name,
            name=name_from_provider(entry["domain"]),
            spelling=entry["domain"],
            verified=_yes(entry.get("cname")),
            target=self._target,
            created_at=_moment(entry.get("create_date")),
            vendor=entry,
        )


def _spelled(domain: TrackingDomain) -> str:
    """The name as the list spelled it: nobody knows whether SendClean compares it as we do."""
    return domain.spelling or domain.name


def _yes(value: t.Any) -> bool:
    """``"Yes"``, ``{"valid": "Yes"}``, or True: editions of the API differ."""
    if isinstance(value, dict):
        value = value.get("valid", value.get("valid_tracking"))
    return value is True or str(value).strip().lower() in ("yes", "true")


def _moment(value: t.Any) -> datetime | None:
    """``create_date`` as a moment, its unit told by its size; None where no unit gives 2005 to 2100.

    The documentation says microseconds, with a sample that is nonsense in every unit; SendClean's
    other objects use seconds or milliseconds.
    """
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    for per_second in (1, 1_000, 1_000_000):
        try:
            moment = datetime.fromtimestamp(number / per_second, tz=timezone.utc)
        except (OverflowError, OSError, ValueError):
            continue
        if 2005 <= moment.year <= 2100:
            return moment
    return None
