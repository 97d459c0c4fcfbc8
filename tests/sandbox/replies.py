# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes back to a client: bytes, so that a fault can send what no JSON library would."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from flask import Response

# Read and taken away by the server: "reset" drops the connection without an answer, "cut" closes it
# in the middle of the body.
CONNECTION_HEADER = "X-Sandbox-Connection"


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    vendor_code: int | str | None = None  # for the call log

    def response(self) -> Response:
        return Response(
            self.body,
            status=self.status or 200,
            content_type=self.content_type,
            headers=self.headers,
        )


def json_reply(value: Any, *, status: int = 200, vendor_code: int | str | None = None) -> Reply:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Reply(
        status=status,
        body=body,
        content_type="application/json;charset=UTF-8",
        vendor_code=vendor_code,
    )


def html_reply(status: int, title: str) -> Reply:
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    return Reply(status=status, body=page.encode(), content_type="text/html")
