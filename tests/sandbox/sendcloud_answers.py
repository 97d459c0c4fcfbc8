# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How SendCloud words its answers: the envelope, the messages, a domain with its flat keys."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from .accounts import Account, TrackingDomain
from .replies import Reply, json_reply
from .switches import Switches

_UTC_8 = timezone(timedelta(hours=8))
_MESSAGES: dict[int, tuple[str, str]] = {
    200: ("request was successful", "请求成功"),
    404: ("no such interface", "接口不存在"),
    501: ("server exception", "服务器异常"),
    6001: ("no permission", "没有权限"),
    40000: ("duplicate request", "重复请求"),
    40001: ("start must be an integer", "start必须为整数"),
    40002: ("start must not be less than 0", "start不能小于0"),
    40003: ("limit must be an integer", "limit必须为整数"),
    40004: ("limit must be between 0 and 100", "limit必须在0到100之间"),
    40005: ("authentication failed", "认证失败"),
    40913: ("quota exceeded", "超出配额"),
    40901: ("the API_USER does not exist", "API_USER不存在"),
    40905: ("failed to modify the API_USER", "修改API_USER失败"),
    41001: ("name cannot be empty", "域名不能为空"),
    41002: ("name is too long", "域名长度超出限制"),
    41003: ("name is not a valid domain", "域名格式错误"),
    41012: ("the number of domains exceeds the limit", "域名数量超出限制"),
    41014: ("domain does not exist", "域名不存在"),
    41015: ("failed to create domain", "创建域名失败"),
    41016: ("failed to modify domain", "修改域名失败"),
    50000: ("request frequency exceeds the limit", "请求频率超出限制"),
    50001: ("request frequency of this interface exceeds the limit", "接口请求频率超出限制"),
}


def envelope(info: Any, switches: Switches) -> Reply:
    """A success."""
    return _envelope(200, info, switches)


def failure(code: int, detail: str, switches: Switches, *, status: int = 200) -> Reply:
    """An error; `detail` is added to the code's own words."""
    return _envelope(code, {}, switches, detail=detail, status=status)


def _envelope(
    code: int, info: Any, switches: Switches, *, detail: str = "", status: int = 200
) -> Reply:
    english, chinese = _MESSAGES.get(code, ("unknown error", "未知错误"))
    words = chinese if switches["message_language"] == "chinese" else english
    message = f"{words}: {detail}" if detail else words
    if switches["info_as"] == "json_string":
        info = json.dumps(info)
    answer = {"result": code == 200, "statusCode": code, "message": message, "info": info}
    return json_reply(answer, status=status, vendor_code=None if code == 200 else code)


def domain_row(domain: TrackingDomain, account: Account) -> dict[str, Any]:
    switches = account.switches
    between = "." if switches["cname_keys"] == "dotted" else " "
    window = domain.certificate
    start = end = ""
    if window:
        start = _time(_seconds(window.not_before, switches), switches)
        end = _time(_seconds(window.not_after, switches), switches)
    return {
        "id": domain.id,
        "name": domain.name,
        "cname": domain.verified,
        "gmtCreated": _time(domain.created, switches),
        "gmtUpdated": _time(domain.updated, switches),
        f"cname{between}domain": _host_record(domain.name, switches["cname_domain"]),
        f"cname{between}value": account.target,
        "https": window is not None,
        "certiValidityStart": start,
        "certiValidityEnd": end,
    }


def _host_record(name: str, form: str) -> str:
    labels = name.split(".")
    if form == "full":
        return name
    if form == "parent":
        return ".".join(labels[1:])
    return ".".join(labels[:-2]) or "@"


def _seconds(moment: datetime, switches: Switches) -> datetime:
    form = switches["certificate_seconds"]
    if form == "exact":
        return moment
    if form == "rounded_up" and moment.second:
        moment += timedelta(minutes=1)
    return moment.replace(second=0)


def _time(moment: datetime, switches: Switches) -> str:
    zone = _UTC_8 if switches["times"] == "utc+8" else timezone.utc
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
