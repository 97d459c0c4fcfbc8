# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks and tells the sandbox whose ready file is the variable ``sandbox``, or ``control_url``.

``lookup('sandbox', 'PUT dns/records', {...}, {...})``: one request for each set of parameters, at
least one; the answers are returned. What can be asked: "Control" in tests/sandbox/README.md.

Unlike a task with ``uri`` it costs no process, and it can stand in an assertion.
"""

from __future__ import annotations

import json
from urllib.error import HTTPError
from urllib.parse import urlencode

from ansible.errors import AnsibleLookupError
from ansible.module_utils.urls import open_url
from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        request, *bodies = terms
        method, path = request.split()
        # The variable may be made of others.
        base = (
            kwargs.get("control_url") or self._templar.template(variables["sandbox"])["control_url"]
        )
        url = f"{base}/{path}"
        return [ask(method, url, body) for body in bodies or [{}]]


def ask(method, url, parameters):
    data = None
    if method in ("GET", "DELETE"):
        url += f"?{urlencode(parameters)}"
    else:
        data = json.dumps(parameters)
    headers = {"Content-Type": "application/json"}
    try:
        return json.load(open_url(url, data, headers, method, use_proxy=False, timeout=30))
    except HTTPError as exc:
        raise AnsibleLookupError(f"{method} {url}: {exc.read().decode()}") from exc
