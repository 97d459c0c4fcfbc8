# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the doubles of the DNS vendors' APIs until a signal ends them.

    python tests/sandbox/dns_apis start --ready-file /tmp/apis.json --zone example.test --background
    python tests/sandbox/dns_apis stop /tmp/apis.json

The ready file is JSON: `pid`, `environment` (for the processes that are to reach the doubles),
`dns` (`host` and `port` of the server that shows the records), `zones`, `credentials` (by kind of
double), `control_url` (see control.py). It is gone when they are.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

if not __package__:  # run as a directory, whose modules could hide those of libraries
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    __package__ = "sandbox.dns_apis"

from ..dns_launch import Signals, run_in_background, stop, write_ready_file, zones_of
from ..dns_server import DnsServer
from ..server import HttpServer
from . import DnsApis
from .control import control_app
from .together import KINDS


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dns_apis", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("start", help="run until SIGTERM or SIGINT")
    start.add_argument("--ready-file", type=Path, required=True)
    start.add_argument(
        "--kind", action="append", default=[], choices=KINDS, help="only this one (repeatable)"
    )
    start.add_argument(
        "--zone",
        action="append",
        default=[],
        metavar="NAME[=FILE]",
        help="a zone beside those of the sandbox",
    )
    start.add_argument("--background", action="store_true", help="return when they are ready")
    end = commands.add_parser("stop", help="end them")
    end.add_argument("ready_file", type=Path)
    return parser.parse_args()


def run(options: argparse.Namespace) -> None:
    signals = Signals()
    zones = zones_of(options.zone)
    try:
        with (
            DnsServer(zones) as dns,
            DnsApis(zones, *options.kind, dns=dns) as apis,
            ExitStack() as stack,
        ):
            control = HttpServer(control_app(apis))
            control.start()
            stack.callback(control.stop)
            host, port = dns.address
            ready = {
                "environment": apis.environment,
                "dns": {"host": host, "port": port},
                "zones": list(zones),
                "credentials": {kind: double.credentials for kind, double in apis.doubles.items()},
                "control_url": control.origin,
            }
            write_ready_file(options.ready_file, ready)
            signals.wait()
    finally:
        options.ready_file.unlink(missing_ok=True)


def main() -> None:
    options = parse()
    if options.command == "stop":
        stop(options.ready_file)
    elif options.background:
        run_in_background(Path(__file__).parent, options.ready_file)
    else:
        run(options)


if __name__ == "__main__":
    main()
