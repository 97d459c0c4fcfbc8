# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that sends what it is told: the vendors as their documents and curl see them."""

from __future__ import annotations

from typing import Any

import requests

from ansible_collections.mailops.email.tests.sandbox import SandboxAccount


class Vendor:
    """A vendor as a client sees it that knows nothing: one account, raw requests."""

    def __init__(self, account: SandboxAccount) -> None:
        self.account = account
        self.session = requests.Session()
        self.session.trust_env = False

    @property
    def credentials(self) -> dict[str, str]:
        keys = ("owner_id", "token") if self.clean else ("apiUser", "apiKey")
        return dict(zip(keys, (self.account.identity, self.account.secret), strict=True))

    @property
    def clean(self) -> bool:
        return self.account.vendor == "sendclean"

    def url(self, action: str) -> str:
        group = "settings/" if self.clean else "trackDomain/"
        return f"{self.account.url}/{'' if '/' in action else group}{action}"

    def send(self, action: str, **parameters: Any) -> requests.Response:
        """The vendor's call as its documents want it; a parameter of None is left out."""
        given = {**self.credentials, **parameters}
        given = {key: value for key, value in given.items() if value is not None}
        return self.session.post(
            self.url(action),
            json=given if self.clean else None,
            data=None if self.clean else given,
            timeout=10,
            allow_redirects=False,
        )

    def call(self, action: str, **parameters: Any) -> Any:
        return self.send(action, **parameters).json()

    def rows(self, **parameters: Any) -> list[dict[str, Any]]:
        """What a list shows."""
        rows: list[dict[str, Any]]
        if self.clean:
            rows = self.call("listTrackingDomain")["tracking_domain_list"]
        else:
            rows = self.call("list", **parameters)["info"]["dataList"]
        return rows
