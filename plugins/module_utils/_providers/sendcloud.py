# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendCloud (Aurora SendCloud): the only file that knows its API. Private to this collection.

Source of all that is not said otherwise: SendCloud's "Tracking Domain" page. Every action is a POST
with a form, although some could be a GET: the key would stand in the URL.
"""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta, timezone

from ansible_collections.mailops.email.plugins.module_utils._errors import (
    TrackingError,
    UnclearOutcome,
)
from ansible_collections.mailops.email.plugins.module_utils._http.answer import Answer, read_json
from ansible_collections.mailops.email.plugins.module_utils._providers.base import (
    Provider,
    name_from_provider,
)
from ansible_collections.mailops.email.plugins.module_utils._providers.facts import (
    Option,
    ProviderFacts,
)
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import (
    Sender,
    TrackingDomain,
    Validity,
)

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._certificates.bundle import (
        CertificateBundle,
    )

REGIONS = {
    "singapore": "https://api2.sendcloud.net/api",
    "china": "https://api.sendcloud.net/apiv2",
    "us": "https://api-us.aurorasendcloud.com/api",
    "hongkong": "https://api-hk.aurorasendcloud.com/api",
}
PAGE = 100
# All times are written in this zone, without saying so.
ZONE = timezone(timedelta(hours=8))
# Where times land that were meant as UTC.
_MEANT_AS_UTC = timedelta(hours=-8)

_Info = t.Dict[str, t.Any]
_Read = t.TypeVar("_Read")
_Entry = t.TypeVar("_Entry", TrackingDomain, Sender)

_SERVER_FAILED = 501
_RATE_HINT = "SendCloud limits the number of calls: run again later."
_REFUSED = (
    "authentication",
    (
        "Check api_user and api_key. Keys are locked to a region: in any other region a key fails like a "
        "wrong key, so check O(region) as well."
    ),
)
# The vendor's code (of all its calls; none is documented for tracking domains alone): our code, hint.
_CODES: dict[int, tuple[str, str | None]] = {
    401: _REFUSED,
    403: _REFUSED,
    40005: _REFUSED,
    6001: ("authentication", "This API user has no permission for the call: use another one."),
    40000: ("conflict", "SendCloud considers this a repeated request: run again in a minute."),
    40001: ("validation", None),
    40002: ("validation", None),
    40003: ("validation", None),
    40004: ("validation", None),
    40913: ("quota", "The account's quota is used up: ask SendCloud's support to raise it."),
    41001: ("validation", None),
    41002: ("validation", "SendCloud accepts names of up to 255 characters."),
    41003: ("validation", "SendCloud does not accept this as a domain name."),
    41012: (
        "quota",
        "SendCloud allows five tracking domains an account: delete one, or ask its support for more.",
    ),
    41014: ("not_found", "It may have been deleted in the meantime: run again."),
    41015: ("bad_response", "A tracking domain must not have the name of a sending domain."),
    41016: (
        "bad_response",
        (
            "SendCloud may refuse to change a domain that it has verified: to change the name, declare a "
            "new domain and retire this one; to change the certificate, ask its support."
        ),
    ),
    _SERVER_FAILED: ("bad_response", "SendCloud's server failed: try again later."),
    50000: ("rate_limited", _RATE_HINT),
    50001: ("rate_limited", _RATE_HINT),
}


class _NotWhole(Exception):
    """A list's pages do not make a whole; says why."""


class SendCloud(Provider):
    """A SendCloud account in one region."""

    facts = ProviderFacts(
        name="sendcloud",
        title="SendCloud",
        about="Aurora SendCloud, the mail service, not the Dutch shipping firm of the same name",
        credentials_hint="SendCloud's panel shows API users and their keys under Email API, API_USER "
        "Management. The region was chosen when the account was opened.",
        documentation_url="https://docs.aurorasendcloud.com/reference/email-api-authentication",
        options={
            "api_user": Option(
                description="The name of the API user.",
                env="SENDCLOUD_API_USER",
                required=True,
            ),
            "api_key": Option(
                description="The key of the API user. It works in one region only, see O(region).",
                env="SENDCLOUD_API_KEY",
                required=True,
                secret=True,
            ),
            "region": Option(
                description="The region of the account. A key that is used in another region fails like a wrong "
                "key.",
                env="SENDCLOUD_REGION",
                choices=tuple(REGIONS),
                default="singapore",
            ),
        },
        url_env="SENDCLOUD_API_URL",
        url_example=REGIONS["singapore"],
        has_ids=True,
        has_rename=True,
        has_certificates=True,
        domain_limit=5,
        sender_noun="API_USER",
        checks_in_batches=True,
        keeps_checks=True,
        # Nobody says how many calls are too many; all verifications of a round are one.
        seconds_a_call=0.0,
        rate_hint=_RATE_HINT,
        rate_limit_wait=2.0,
        address_hint="Check O(region) and api_url: this may not be SendCloud's API.",
        target_hint="SendCloud shows the target of the CNAME after the domain is added.",
        notes=(
            "SendCloud lists 100 domains per call.",
            (
                "SendCloud writes times without a time zone. They are read as UTC+8, as its documentation "
                "says. If an account has times in UTC, all of them are eight hours too early."
            ),
            (
                "At SendCloud a domain is used only for the mail of API_USERs that are bound to it. Until then "
                "it is verified, but not used. The option senders of the modules binds API_USERs."
            ),
        ),
    )

    @classmethod
    def base_url(cls, options: t.Mapping[str, t.Any]) -> str:
        return REGIONS[options["region"]]

    def list(self) -> t.List[TrackingDomain]:
        """All pages, never narrowed by the parameter ``name``: whether that minds case is unknown.

        What it hid (another spelling, a second entry of the name) would be taken for not there.
        """
        return self._whole("trackDomain/list", "tracking domains", self._many)

    def add(self, name: str, certificate: CertificateBundle | None) -> TrackingDomain:
        operation = self.facts.operation("add", name)
        form = {"name": name, **_pem(certificate)}
        return self._call("trackDomain/add", operation, write=True, read=self._one, **form)

    def update(
        self,
        domain: TrackingDomain,
        *,
        name: str | None = None,
        certificate: CertificateBundle | None = None,
    ) -> TrackingDomain:
        form = {"id": domain.id, **({"name": name} if name else {}), **_pem(certificate)}
        operation = self.facts.operation("update", domain.name)
        return self._call("trackDomain/update", operation, write=True, read=self._one, **form)

    def check(self, domains: t.Sequence[TrackingDomain]) -> t.List[TrackingDomain]:
        """One call for all; more only for those that an answer left out."""
        left = {domain.id: domain for domain in domains}
        checked: list[TrackingDomain] = []

        def answered(info: _Info) -> list[TrackingDomain]:
            found = [domain for domain in self._many(info) if domain.id in left]
            if not found:
                # What is gone is left out, or answered with 41014: nobody knows which.
                names = ", ".join(domain.name for domain in left.values())
                code, hint = _CODES[41014]
                raise TrackingError(code, f"SendCloud's answer leaves out {names}", hint=hint)
            return found

        while left:
            operation = self.facts.operation("verify", *(domain.name for domain in left.values()))
            ids = ";".join(str(number) for number in left)
            found = self._call(
                "trackDomain/checkConfig", operation, write=False, read=answered, id=ids
            )
            for domain in found:
                left.pop(domain.id, None)
            checked += found
        return checked

    def delete(self, domain: TrackingDomain) -> None:
        def deleted(info: _Info) -> None:
            # For an unknown id some editions answer with an error, others with a count of zero.
            if info.get("count") in (0, "0"):
                raise TrackingError(
                    "not_found",
                    f"SendCloud deleted nothing: it has no tracking domain {domain.id}",
                )

        operation = self.facts.operation("delete", domain.name)
        self._call("trackDomain/delete", operation, write=True, read=deleted, id=domain.id)

    def senders(self) -> t.List[Sender]:
        """The API_USERs. No paging is documented: where a total says that there are more, it is tried."""
        return self._whole("apiuser/list", "API_USERs", self._senders, paged=False)

    def bind(self, sender: Sender, domain: TrackingDomain) -> None:
        # What is left out stays as it is, as far as is known; the newer reference requires newName.
        self._call(
            "apiuser/update",
            f"bind API_USER {sender.name} to tracking domain {domain.name} at SendCloud",
            write=True,
            read=lambda info: None,
            name=sender.name,
            newName=sender.name,
            trackDomainName=domain.spelling or domain.name,
        )

    def _whole(
        self,
        action: str,
        what: str,
        read: t.Callable[[_Info], t.List[_Entry]],
        *,
        paged: bool = True,
    ) -> t.List[_Entry]:
        """All pages of a list.

        :raises TrackingError: ``bad_response`` where they do not make a whole, twice: between two pages
            somebody may have added or deleted an entry.
        """
        operation = f"list {what} at {self.facts.title}"
        try:
            return self._pages(action, operation, read, paged)
        except _NotWhole as exc:
            self.http.log(f"the list is not whole: {exc}; reading it once more")
        try:
            return self._pages(action, operation, read, paged)
        except _NotWhole as exc:
            raise TrackingError(
                "bad_response",
                f"the list of {what} is not whole: {exc}",
                operation=operation,
                provider=self.facts.name,
                hint="Nothing can be decided on a part of it. Run again; if that does not help, ask "
                "SendCloud's support.",
            ) from None

    def _pages(
        self,
        action: str,
        operation: str,
        read: t.Callable[[_Info], t.List[_Entry]],
        paged: bool,
    ) -> t.List[_Entry]:
        """One reading of all pages: as many entries as ``total`` says; without it, up to an empty page.

        ``start`` is an offset: the page's table garbles it, the Chinese edition is right.

        :raises _NotWhole: it contradicts itself, or what came is not all.
        """
        found: dict[t.Any, _Entry] = {}
        first_total: int | None = None

        def page(info: _Info) -> tuple[list[_Entry], int | None]:
            return read(info), _number(info.get("total"))

        while True:
            form = {"start": len(found), "limit": PAGE} if paged or found else {}
            entries, total = self._call(action, operation, write=False, read=page, **form)
            if found and total != first_total:
                raise _NotWhole(f"total was {first_total}, and then {total}")
            first_total = total
            for entry in entries:
                number = entry.id if isinstance(entry, TrackingDomain) else None
                key = entry.name if number is None else number
                if key in found:
                    of = "" if number is None else f" (id {number})"
                    raise _NotWhole(f"{entry.name}{of} came twice")
                found[key] = entry
            if total is not None and len(found) > total:
                raise _NotWhole(f"total says {total}, and {len(found)} came")
            if len(found) == total or (total is None and not (paged and entries)):
                return list(found.values())
            if not entries:
                raise _NotWhole(f"total says {total}, and {len(found)} came")

    def _call(
        self,
        action: str,
        operation: str,
        *,
        write: bool,
        read: t.Callable[[_Info], _Read],
        **form: t.Any,
    ) -> _Read:
        """One call, and what ``read`` makes of the ``info`` of its answer."""
        result: _Read = self.http.post(
            action,
            operation=operation,
            write=write,
            interpret=lambda answer: read(self._interpret(answer)),
            form={
                "apiUser": self._options["api_user"],
                "apiKey": self._options["api_key"],
                **form,
            },
        )
        return result

    def _interpret(self, answer: Answer) -> _Info:
        """``info`` of a success. Errors come with HTTP 200: ``result`` decides, then ``statusCode``."""
        body = answer.body
        if not isinstance(body, dict) or ("result" not in body and "statusCode" not in body):
            raise self.unreadable("the answer is not SendCloud's envelope", body)
        number = _number(body.get("statusCode"))
        success = _true(body.get("result", number == 200))
        if success and number in (200, None):
            info = self._parsed("info", body.get("info"))
            if not isinstance(info, dict):
                raise self.unreadable("the answer has no info", info)
            return info
        message = body.get("message")
        verdict = _CODES.get(number or 0)
        if verdict is None and answer.http_status in (401, 403):
            verdict = _REFUSED
        code, hint = verdict or ("bad_response", None)
        # Only a code that is known, and no server's fault, says for sure that nothing was done.
        certain = verdict is not None and number != _SERVER_FAILED and not success
        vendor_code = body.get("statusCode")
        raise (TrackingError if certain else UnclearOutcome)(
            code,
            f"SendCloud says: {message or 'nothing'} (statusCode {vendor_code})",
            vendor_code=vendor_code,
            vendor_message=None if message is None else str(message),
            hint=hint,
        )

    def _parsed(self, key: str, value: t.Any) -> t.Any:
        """A part of an answer; in another of SendCloud's calls one was seen as a JSON string."""
        if not isinstance(value, str):
            return value
        try:
            return read_json(value)
        except ValueError:
            raise self.unreadable(f"{key} is text that is not JSON", value) from None

    def _one(self, info: _Info) -> TrackingDomain:
        return self._domain(self._parsed("data", info.get("data")))

    def _many(self, info: _Info) -> t.List[TrackingDomain]:
        return [self._domain(entry) for entry in self._entries(info)]

    def _senders(self, info: _Info) -> t.List[Sender]:
        return [self._sender(entry) for entry in self._entries(info)]

    def _sender(self, entry: t.Any) -> Sender:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise self.unreadable("an API_USER has no name", entry)
        domain = entry.get("trackDomainName")
        return Sender(
            name=entry["name"],
            domain=name_from_provider(domain) if isinstance(domain, str) and domain else None,
            settings={key: value for key, value in entry.items() if key != "trackDomainName"},
        )

    def _entries(self, info: _Info) -> t.List[t.Any]:
        entries = self._parsed("dataList", info.get("dataList"))
        if entries is None and _number(info.get("total", info.get("count"))) == 0:
            # No sample shows an empty account; an empty list may be written so.
            entries = []
        if not isinstance(entries, list):
            raise self.unreadable("the answer has no dataList", info)
        return entries

    def _domain(self, entry: t.Any) -> TrackingDomain:
        number = _number(entry.get("id")) if isinstance(entry, dict) else None
        if number is None or not isinstance(entry.get("name"), str):
            raise self.unreadable("an entry has no id and name", entry)
        # One edition of the documentation writes the key with a space.
        target = entry.get("cname.value") or entry.get("cname value")
        start, end = (
            _moment(entry.get("certiValidityStart")),
            _moment(entry.get("certiValidityEnd")),
        )
        return TrackingDomain(
            provider=self.facts.name,
            name=name_from_provider(entry["name"]),
            spelling=entry["name"],
            id=number,
            verified=_true(entry.get("cname")),
            target=name_from_provider(target) if isinstance(target, str) and target else None,
            https=_true(entry.get("https")),
            certificate=Validity(start, end, _MEANT_AS_UTC) if start and end else None,
            created_at=_moment(entry.get("gmtCreated")),
            updated_at=_moment(entry.get("gmtUpdated")),
            vendor=entry,
        )


def _pem(certificate: CertificateBundle | None) -> dict[str, str]:
    """The form's members for a certificate: both or neither."""
    if certificate is None:
        return {}
    return {"certContent": certificate.certificate, "certKey": certificate.private_key}


def _true(value: t.Any) -> bool:
    return value is True or str(value).strip().lower() == "true"


def _number(value: t.Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _moment(text: t.Any) -> datetime | None:
    """``yyyy-MM-dd HH:mm:ss``, UTC+8 without saying so, as an aware moment; None for ``""``.

    None as well for what was before the first moment of UTC.
    """
    try:
        moment = datetime.strptime(str(text)[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE)
        return moment.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None
