# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: start everything, say where it listens, end on SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import json
import os
import signal
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .running import Sandbox
from .switches import UnknownSwitchError
from .world import VENDORS
from .zones import default_zones


def main(argv: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(argv)
    if options.ready_file:  # one that an earlier run left behind would tell of ports long closed
        options.ready_file.unlink(missing_ok=True)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    try:
        sandbox = Sandbox(
            dns=not options.no_dns,
            dns_server=options.dns_server,
            zones=default_zones(*options.zone),
            targets={
                vendor: target
                for vendor in VENDORS
                if (target := getattr(options, f"{vendor}_target"))
            },
            ports={name: getattr(options, f"{name}_port") for name in (*VENDORS, "dns")},
        )
    except OSError as error:
        parser.error(f"cannot listen: {error}")
    _set_switches(parser, sandbox, options)
    with sandbox:
        facts = {**sandbox.describe(), "pid": os.getpid()}
        print(_welcome(facts, options.ready_file), flush=True)
        if options.ready_file:
            _write_privately(options.ready_file, json.dumps(facts, indent=2) + "\n")
        stop.wait()
        if options.ready_file:
            options.ready_file.unlink(missing_ok=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python tests/sandbox",
        description="The APIs of SendClean and SendCloud and a DNS server, on loopback.",
    )
    parser.add_argument(
        "--ready-file",
        type=Path,
        metavar="PATH",
        help="write where it listens, as JSON, when it does",
    )
    dns = parser.add_mutually_exclusive_group()
    dns.add_argument(
        "--dns-server",
        type=_address,
        metavar="HOST:PORT",
        help="verify by asking this DNS server; the built-in one is not started",
    )
    dns.add_argument("--no-dns", action="store_true", help="no DNS: every verification fails")
    parser.add_argument(
        "--zone", action="append", default=[], metavar="NAME", help="serve this zone as well"
    )
    for vendor in VENDORS:
        parser.add_argument(
            f"--{vendor}-target", metavar="HOST", help="what CNAMEs must point to there"
        )
    for name in (*VENDORS, "dns"):
        parser.add_argument(f"--{name}-port", type=int, default=0, metavar="N", help="0: any")
    parser.add_argument(
        "--latency", type=int, default=0, metavar="MS", help="how long both vendors take for a call"
    )
    parser.add_argument(
        "--switch",
        action="append",
        default=[],
        metavar="[VENDOR.]NAME=VALUE",
        help="choose how a vendor behaves; without a vendor, each that has the switch",
    )
    return parser


def _address(text: str) -> tuple[str, int]:
    host, _colon, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host.strip("[]"), int(port)


def _set_switches(
    parser: argparse.ArgumentParser, sandbox: Sandbox, options: argparse.Namespace
) -> None:
    for given in [f"latency_ms={options.latency}", *options.switch]:
        path, equals, value = given.partition("=")
        vendor, _dot, name = path.rpartition(".")
        having = [
            switches
            for each, switches in sandbox.world.switches.items()
            if vendor in ("", each) and name in switches.definitions
        ]
        if not having or not equals:
            parser.error(f"--switch {given}: no such switch")
        try:
            for switches in having:
                switches.set({name: value})
        except UnknownSwitchError as error:
            parser.error(f"--switch {given}: {error}")


def _welcome(facts: dict[str, Any], ready_file: Path | None) -> str:
    clean, cloud, dns = facts["sendclean"], facts["sendcloud"], facts["dns"]
    lines = [
        "The sandbox is ready.",
        "",
        f"  SendClean  {clean['url']}    CNAME target {clean['cname_target']}",
        f"  SendCloud  {cloud['url']}     CNAME target {cloud['cname_target']}",
        f"  DNS        {dns['address'] if dns else 'none'}",
        f"  Control    {facts['control_url']}/",
        "",
    ]
    if ready_file:
        lines += [f"The demo accounts' credentials are in {ready_file}."]
    else:
        # Made up for this run and good for nothing else.
        lines += [
            "To use it from a shell:",
            "",
            f"  export SENDCLEAN_API_URL={clean['url']} SENDCLEAN_OWNER_ID={clean['owner_id']}",
            f"  export SENDCLEAN_TOKEN={clean['token']}",
            f"  export SENDCLEAN_CNAME_TARGET={clean['cname_target']}",
            f"  export SENDCLOUD_API_URL={cloud['url']} SENDCLOUD_API_USER={cloud['api_user']}",
            f"  export SENDCLOUD_API_KEY={cloud['api_key']}",
        ]
        if dns and dns["built_in"]:
            key = dns["tsig"]
            lines += [f"  TSIG key: {key['algorithm']}:{key['name']}:{key['secret']}"]
    return "\n".join([*lines, "", "Ctrl-C ends it."])


def _write_privately(path: Path, text: str) -> None:
    """For its owner alone, and whole or not at all: somebody waits for this file to appear."""
    handle, temporary = tempfile.mkstemp(dir=path.resolve().parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)
