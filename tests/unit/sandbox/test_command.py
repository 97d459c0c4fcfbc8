# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python tests/sandbox`: starts from anywhere, says where it listens, ends cleanly."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dns.query
import dns.rcode
import dns.tsig
import dns.update
import pytest
import requests

from ansible_collections.mailops.email.tests.sandbox import SandboxClient

TESTS = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def running(directory: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """The process and what its ready file says."""
    ready = directory / "ready.json"
    process = subprocess.Popen(
        [sys.executable, TESTS / "sandbox", "--ready-file", "ready.json", *options],
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 20
        while not ready.exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield process, json.loads(ready.read_text())
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_and_ends(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path) as (process, facts):
        assert facts["pid"] == process.pid
        assert stat.S_IMODE((tmp_path / "ready.json").stat().st_mode) == 0o600
        with requests.Session() as kept_alive:
            kept_alive.get(f"{facts['control_url']}/accounts", timeout=5)
            process.send_signal(number)
            output, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    for where in (facts["sendclean"]["url"], facts["sendcloud"]["url"], facts["dns"]["address"]):
        assert where in output
    for secret in (facts["sendclean"]["token"], facts["sendcloud"]["api_key"]):
        assert secret not in output
    assert os.listdir(tmp_path) == []


def test_the_main_job_by_hand(tmp_path: Path) -> None:
    """Add, publish by dynamic update with the key of the ready file, check."""
    with running(tmp_path) as (_process, facts):
        cloud, key = facts["sendcloud"], facts["dns"]["tsig"]
        given = {"apiUser": cloud["api_user"], "apiKey": cloud["api_key"], "name": "t.example.com"}
        url = f"{cloud['url']}/trackDomain"
        added = requests.post(f"{url}/add", data=given, timeout=5).json()["info"]["data"]
        assert added["cname.value"] == cloud["cname_target"]
        update = dns.update.UpdateMessage(
            "example.com", keyring=dns.tsig.Key(key["name"], key["secret"], key["algorithm"])
        )
        update.add("t", 300, "CNAME", added["cname.value"] + ".")
        answer = dns.query.tcp(update, facts["dns"]["host"], port=facts["dns"]["port"], timeout=5)
        assert answer.rcode() == dns.rcode.NOERROR
        checked = requests.post(f"{url}/checkConfig", data=given, timeout=5).json()
        assert checked["info"]["dataList"][0]["cname"] is True
        client = SandboxClient.from_ready_file(tmp_path / "ready.json")
        assert [update["zone"] for update in client.dns_log()["updates"]] == ["example.com"]
        demo = client.existing_account("sendcloud", "demo")
        assert (demo.operations(), demo.url) == ({"add": 1, "check": 1}, cloud["url"])


def test_options(tmp_path: Path) -> None:
    options = ["--no-dns", "--latency", "1", "--switch", "sendcloud.domain_limit=9"]
    options += ["--switch", "keeps_case=no", "--sendclean-target", "links.example.net"]
    with running(tmp_path, *options) as (_process, facts):
        assert facts["dns"] is None
        assert facts["sendclean"]["cname_target"] == "links.example.net"
        for vendor, expected in (("sendclean", None), ("sendcloud", 9)):
            answer = requests.get(
                f"{facts['control_url']}/switches", params={"vendor": vendor}, timeout=5
            ).json()["switches"]
            assert (answer["latency_ms"], answer["keeps_case"]) == (1, False)
            assert answer.get("domain_limit") == expected


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--switch=colour=blue", "no such switch"),
        ("--switch=times=gmt", "times is one of"),
        ("--dns-server=nowhere", "is not HOST:PORT"),
    ],
)
def test_a_wrong_option_is_named(option: str, message: str) -> None:
    ended = subprocess.run(
        [sys.executable, TESTS / "sandbox", option],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert ended.returncode == 2
    assert message in ended.stderr
