# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A provider as a contributor adds one: the tests put this file among the others, in a copy.

It is unlike those that there are: its key is in a header, it has a region and a key under the names that
another provider uses, it reads with GET, a deletion has no answer, and its target is a fact of the region.
"""

from __future__ import annotations

import typing as t

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

TARGETS = {"us": "links.thirdpost.example", "eu": "links.eu.thirdpost.example"}
_CODES = {
    400: "validation",
    401: "authentication",
    403: "authentication",
    404: "not_found",
    409: "conflict",
    422: "validation",
}


class ThirdPost(Provider):
    """A ThirdPost account in one region."""

    facts = ProviderFacts(
        name="thirdpost",
        title="ThirdPost",
        about="made up for the tests",
        credentials_hint="ThirdPost's panel shows the keys under Account, API keys.",
        documentation_url="https://docs.thirdpost.example/tracking-domains",
        options={
            "api_key": Option(
                description="The key of the account, with the permission for tracking domains.",
                env="THIRDPOST_API_KEY",
                required=True,
                secret=True,
            ),
            "region": Option(
                description="Where the account is.",
                env="THIRDPOST_REGION",
                choices=tuple(TARGETS),
                default="us",
            ),
            "subaccount": Option(
                description="The number of a subaccount, whose domains these are then.",
                env="THIRDPOST_SUBACCOUNT",
                example="17",
            ),
        },
        url_env="THIRDPOST_API_URL",
        url_example="https://api.thirdpost.example/api/v1",
        has_ids=False,
        has_rename=False,
        has_certificates=False,
        checks_in_batches=False,
        keeps_checks=True,
        seconds_a_call=0.0,
        rate_hint="ThirdPost does not say how often it may be called.",
        rate_limit_wait=1.0,
        address_hint="Check region and api_url: this may not be ThirdPost's API.",
        target_hint="ThirdPost's target depends on the region alone.",
    )

    @classmethod
    def base_url(cls, options: t.Mapping[str, t.Any]) -> str:
        host = "api.eu" if options["region"] == "eu" else "api"
        return f"https://{host}.thirdpost.example/api/v1"

    def list(self) -> t.List[TrackingDomain]:
        return self._call("GET", "", self.facts.operation("list"), read=self._many)

    def add(self, name: str, certificate: t.Any) -> TrackingDomain:
        operation = self.facts.operation("add", name)
        body = {"domain": name, "secure": False}
        self._call("POST", "", operation, write=True, read=lambda results: None, body=body)
        return TrackingDomain(provider=self.facts.name, name=name, target=self.target(()))

    def check(self, domains: t.Sequence[TrackingDomain]) -> t.List[TrackingDomain]:
        return [
            domain.but(
                verified=self._call(
                    "POST",
                    f"/{domain.name}/verify",
                    self.facts.operation("verify", domain.name),
                    read=lambda results: results.get("verified") is True,
                )
            )
            for domain in domains
        ]

    def delete(self, domain: TrackingDomain) -> None:
        operation = self.facts.operation("delete", domain.name)
        self._call("DELETE", f"/{domain.name}", operation, write=True, read=lambda results: None)

    def target(self, present: t.Iterable[TrackingDomain]) -> str | None:
        return TARGETS[self._options["region"]]

    def _call(
        self,
        method: str,
        path: str,
        operation: str,
        *,
        read: t.Callable[[t.Any], t.Any],
        write: bool = False,
        body: t.Dict[str, t.Any] | None = None,
    ) -> t.Any:
        headers = {"Authorization": self._options["api_key"]}
        if self._options["subaccount"]:
            headers["X-Subaccount"] = self._options["subaccount"]
        return self.http.request(
            method,
            f"tracking-domains{path}",
            operation=operation,
            write=write,
            interpret=lambda answer: read(self._interpret(answer)),
            headers=headers,
            json_body=body,
        )

    def _interpret(self, answer: Answer) -> t.Any:
        if answer.http_status == 204:
            return None
        body = answer.body
        if answer.http_status == 200 and isinstance(body, dict) and "results" in body:
            return body["results"]
        errors = body.get("errors") if isinstance(body, dict) else None
        if not isinstance(errors, list):
            raise self.unreadable("the answer has neither results nor errors", body)
        said = "; ".join(str(each.get("message")) for each in errors)
        known = _CODES.get(answer.http_status)
        raise (TrackingError if known else UnclearOutcome)(
            known or "bad_response",
            f"ThirdPost says: {said}",
            vendor_code=answer.http_status,
            vendor_message=said,
        )

    def _many(self, results: t.Any) -> t.List[TrackingDomain]:
        if not isinstance(results, list):
            raise self.unreadable("the results are not a list", results)
        return [
            TrackingDomain(
                provider=self.facts.name,
                name=name_from_provider(each["domain"]),
                verified=each["status"]["verified"],
                target=self.target(()),
                vendor=each,
            )
            for each in results
        ]
