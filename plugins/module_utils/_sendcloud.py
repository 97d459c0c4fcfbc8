# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendCloud (Aurora SendCloud): the only file that knows its API. Private to this collection.

Source of all that is not said otherwise: SendCloud's "Tracking Domain" page. Every action is a POST
with a form, although some could be a GET: the key would stand in the URL.
"""

from __future__ import annotations

import json
import typing as t
from datetime import datetime, timedelta, timezone

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._http import Answer
from ansible_collections.mailops.email.plugins.module_utils._model import TrackingDomain, Validity
from ansible_collections.mailops.email.plugins.module_utils._provider import (
    Option,
    Provider,
    ProviderFacts,
    name_from_provider,
)

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._certificate import (
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

# The vendor's code (of all its calls; none is documented for tracking domains alone): our code, hint.
_RATE_HINT = "SendCloud limits how often it may be called: run again later."
_CODES: dict[int, tuple[str, str | None]] = {
    40005: (
        "authentication",
        (
            "Check api_user and api_key. Keys are locked to a region: a key of another region fails "
            "just like this, so check the option region as well."
        ),
    ),
    6001: ("authentication", "This API user has no permission for the call: use another one."),
    40000: ("conflict", "SendCloud takes this for a repeated request: run again in a minute."),
    40001: ("validation", None),
    40002: ("validation", None),
    40003: ("validation", None),
    40004: ("validation", None),
    40913: ("quota", "The account's quota is used up: ask SendCloud's support to raise it."),
    41001: ("validation", None),
    41002: ("validation", "SendCloud takes names of up to 255 characters."),
    41003: ("validation", "SendCloud does not take this for a domain name."),
    41012: (
        "quota",
        "SendCloud allows five tracking domains an account: delete one, or ask its support for more.",
    ),
    41014: ("not_found", "It may have been deleted in the meantime: run again."),
    41015: ("bad_response", "A tracking domain must not have the name of a sending domain."),
    41016: (
        "bad_response",
        (
            "SendCloud may refuse to change a domain that it has verified: for another name, declare a "
            "new domain and retire this one; for a certificate, ask its support."
        ),
    ),
    501: ("bad_response", "SendCloud's server failed: try again later."),
    50000: ("rate_limited", _RATE_HINT),
    50001: ("rate_limited", _RATE_HINT),
}


class SendCloud(Provider):
    """A SendCloud account in one region."""

    facts = ProviderFacts(
        name="sendcloud",
        title="SendCloud",
        options={
            "api_user": Option(env="SENDCLOUD_API_USER", required=True),
            "api_key": Option(env="SENDCLOUD_API_KEY", required=True, secret=True),
            "region": Option(env="SENDCLOUD_REGION", choices=tuple(REGIONS), default="singapore"),
        },
        url_env="SENDCLOUD_API_URL",
        has_ids=True,
        has_rename=True,
        has_certificates=True,
        filters_by_name=True,
        checks_in_batches=True,
        keeps_checks=True,
        rate_hint=_RATE_HINT,
        address_hint="Check region and api_url: this may not be SendCloud's API.",
        target_hint="SendCloud says what the CNAME must point to once the domain is added.",
    )

    @classmethod
    def base_url(cls, options: t.Mapping[str, t.Any]) -> str:
        return REGIONS[options["region"]]

    def list(self, names: t.Sequence[str] | None = None) -> t.List[TrackingDomain]:
        if names is None:
            return self._pages({})
        found: dict[t.Any, TrackingDomain] = {}
        for first in range(0, len(names), PAGE):
            for domain in self._pages({"name": ";".join(names[first : first + PAGE])}):
                found[domain.id] = domain
        # Whether the filter is exact is unknown, so what it let through is filtered again.
        wanted = {name.lower() for name in names}
        return [domain for domain in found.values() if domain.name in wanted]

    def add(self, name: str, certificate: CertificateBundle | None) -> TrackingDomain:
        operation = self.operation("add", name)
        info = self._call("add", operation, write=True, name=name, **_pem(certificate))
        return self._domain(info.get("data"), operation)

    def update(
        self,
        domain: TrackingDomain,
        *,
        name: str | None = None,
        certificate: CertificateBundle | None = None,
    ) -> TrackingDomain:
        form = {"id": domain.id, **({"name": name} if name else {}), **_pem(certificate)}
        operation = self.operation("update", domain.name)
        info = self._call("update", operation, write=True, **form)
        return self._domain(info.get("data"), operation)

    def check(self, domains: t.Sequence[TrackingDomain]) -> t.List[TrackingDomain]:
        """One call for all; more only for those that an answer left out."""
        left = {domain.id: domain for domain in domains}
        checked: list[TrackingDomain] = []
        while left:
            operation = self.operation("verify", *(domain.name for domain in left.values()))
            info = self._call(
                "checkConfig", operation, write=False, id=";".join(str(number) for number in left)
            )
            answered = [domain for domain in self._many(info, operation) if domain.id in left]
            if not answered:
                break
            for domain in answered:
                del left[domain.id]
            checked += answered
        return checked

    def delete(self, domain: TrackingDomain) -> None:
        operation = self.operation("delete", domain.name)
        info = self._call("delete", operation, write=True, id=domain.id)
        # For an unknown id some editions answer with an error, others with a count of zero.
        if info.get("count") in (0, "0"):
            raise TrackingError(
                "not_found",
                f"SendCloud deleted nothing: it has no tracking domain {domain.id}",
                operation=operation,
                provider=self.facts.name,
            )

    def _pages(self, narrowed: dict[str, str]) -> t.List[TrackingDomain]:
        """All pages. ``start`` is an offset: the page's table garbles it, the Chinese edition is right."""
        operation = self.operation("list")
        found: dict[t.Any, TrackingDomain] = {}
        start = 0
        while True:
            info = self._call("list", operation, write=False, start=start, limit=PAGE, **narrowed)
            page = self._many(info, operation)
            known = len(found)
            found.update((domain.id, domain) for domain in page)
            start += len(page)
            total = _number(info.get("total"))
            # A page without anything new is the end as well: never loop on a server that ignores start.
            if len(found) == known or (total is not None and start >= total):
                return list(found.values())

    def _call(self, action: str, operation: str, *, write: bool, **form: t.Any) -> dict[str, t.Any]:
        answer: dict[str, t.Any] = self.http.post(
            f"trackDomain/{action}",
            operation=operation,
            write=write,
            interpret=self._interpret,
            form={
                "apiUser": self._options["api_user"],
                "apiKey": self._options["api_key"],
                **form,
            },
        )
        return answer

    def _interpret(self, answer: Answer) -> dict[str, t.Any]:
        """``info`` of a success. Errors come with HTTP 200: ``result`` decides, then ``statusCode``."""
        body = answer.body
        if not isinstance(body, dict) or ("result" not in body and "statusCode" not in body):
            raise self.unreadable("the answer is not SendCloud's envelope", body)
        number = _number(body.get("statusCode"))
        if _true(body.get("result", number == 200)) and number in (200, None):
            return self._info(body.get("info"))
        message = body.get("message")
        code, hint = _CODES.get(number or 0, ("bad_response", None))
        if number not in _CODES and answer.http_status in (401, 403):
            code, hint = _CODES[40005]
        vendor_code = body.get("statusCode")
        raise TrackingError(
            code,
            f"SendCloud says: {message or 'nothing'} (statusCode {vendor_code})",
            vendor_code=vendor_code,
            vendor_message=None if message is None else str(message),
            hint=hint,
        )

    def _info(self, info: t.Any) -> dict[str, t.Any]:
        """``info`` as an object; another of SendCloud's calls was seen to send it as a JSON string."""
        if isinstance(info, str):
            try:
                info = json.loads(info)
            except ValueError:
                raise self.unreadable("info is text that is not JSON", info) from None
        if not isinstance(info, dict):
            raise self.unreadable("the answer has no info", info)
        return info

    def _many(self, info: dict[str, t.Any], operation: str) -> t.List[TrackingDomain]:
        entries = info.get("dataList")
        if entries is None and _number(info.get("total", info.get("count"))) == 0:
            # No sample shows an empty account; an empty list may be written so.
            entries = []
        if not isinstance(entries, list):
            raise self.unreadable("the answer has no dataList", info, operation)
        return [self._domain(entry, operation) for entry in entries]

    def _domain(self, entry: t.Any, operation: str) -> TrackingDomain:
        number = _number(entry.get("id")) if isinstance(entry, dict) else None
        if number is None or not isinstance(entry.get("name"), str):
            raise self.unreadable("an entry has no id and name", entry, operation)
        # One edition of the documentation writes the key with a space.
        target = entry.get("cname.value") or entry.get("cname value")
        start, end = (
            _moment(entry.get("certiValidityStart")),
            _moment(entry.get("certiValidityEnd")),
        )
        return TrackingDomain(
            provider=self.facts.name,
            name=name_from_provider(entry["name"]),
            id=number,
            verified=_true(entry.get("cname")),
            target=name_from_provider(target) if isinstance(target, str) and target else None,
            https=_true(entry.get("https")),
            certificate=Validity(start, end) if start and end else None,
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
    """``yyyy-MM-dd HH:mm:ss``, UTC+8 without saying so, as an aware moment; None for ``""``."""
    try:
        return datetime.strptime(str(text)[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE)
    except ValueError:
        return None
