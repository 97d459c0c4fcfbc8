# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a real DNS server until a signal ends it, and talks to one that runs.

    python tests/sandbox/real_dns knot --ready-file /tmp/knot.json --background
    python tests/sandbox/real_dns set /tmp/knot.json track.example.com CNAME target.test
    python tests/sandbox/real_dns updates /tmp/knot.json
    python tests/sandbox/real_dns stop /tmp/knot.json

The ready file is JSON: `kind`, `pid`, `host`, `port`, `zones`, `keys` (each `name`, `algorithm`,
`secret`), `control` (the key of these commands), `log`. It is gone when the server is.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

if not __package__:  # run as a directory, whose modules could hide those of libraries
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    __package__ = "sandbox.real_dns"

from ..dns_launch import (
    Signals,
    run_in_background,
    stop,
    wait_for,
    write_ready_file,
    zones_of,
)
from . import SERVERS, Control, Key, MissingProgramError, RealServer, StartError


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="real_dns", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for kind in SERVERS:
        run = commands.add_parser(kind, help=f"run {kind} until SIGTERM or SIGINT")
        run.add_argument("--ready-file", type=Path, required=True)
        run.add_argument(
            "--zone",
            action="append",
            default=[],
            metavar="NAME[=FILE]",
            help="serve this zone as well as those of the sandbox",
        )
        run.add_argument("--key", action="append", default=[], metavar="NAME[=ALGORITHM:SECRET]")
        run.add_argument("--host", default="127.0.0.1")
        run.add_argument("--port", type=int, default=0)
        run.add_argument("--background", action="store_true", help="return when it is ready")
    for name, (text, _function) in COMMANDS.items():
        command = commands.add_parser(name, help=text)
        command.add_argument("ready_file", type=Path)
        if name in ("set", "delete", "get"):
            command.add_argument("name")
            command.add_argument("type", nargs="?" if name == "delete" else None)
        if name == "set":
            command.add_argument("data", nargs="+")
            command.add_argument("--ttl", type=int, default=300)
    return parser.parse_args(argv)


# Running a server


def run(options: argparse.Namespace) -> None:
    if options.background:
        return run_in_background(Path(__file__).parent, options.ready_file)
    signals = Signals(signal.SIGUSR1, signal.SIGUSR2)
    keys = {}
    for text in options.key or ["example-key"]:
        name, _equals, value = text.partition("=")
        algorithm, _colon, secret = value.partition(":")
        key = Key(name, algorithm, secret) if secret else Key.generate(name)
        keys[name] = (key.algorithm, key.secret)
    kind, zones = SERVERS[options.command], zones_of(options.zone)
    try:
        with kind(zones, keys, options.host, options.port) as server:
            write_ready_file(options.ready_file, describe(options.command, server))
            while (got := signals.wait()) is not None:
                server.stop() if got == signal.SIGUSR1 else server.start()
    finally:
        options.ready_file.unlink(missing_ok=True)


def describe(kind: str, server: RealServer) -> dict[str, Any]:
    return {
        "kind": kind,
        "host": server.host,
        "port": server.port,
        "zones": [zone.origin.to_text(omit_final_dot=True) for zone in server.zones],
        "keys": [asdict(key) for key in server.keys],
        "control": asdict(server.control_key),
        "log": str(server.log),
    }


# Talking to a running one


def control(ready: dict[str, Any]) -> Control:
    return Control((ready["host"], ready["port"]), ready["zones"], Key(**ready["control"]))


def set_records(ready: dict[str, Any], options: argparse.Namespace) -> None:
    control(ready).set(options.name, options.type, *options.data, ttl=options.ttl)


def delete_records(ready: dict[str, Any], options: argparse.Namespace) -> None:
    control(ready).delete(options.name, options.type)


def get_records(ready: dict[str, Any], options: argparse.Namespace) -> None:
    print(json.dumps(control(ready).get(options.name, options.type)))


def show_updates(ready: dict[str, Any], options: argparse.Namespace) -> None:
    updates = SERVERS[ready["kind"]].updates_in(Path(ready["log"]).read_text())
    print(json.dumps([asdict(update) for update in updates]))


def take_down(ready: dict[str, Any], options: argparse.Namespace) -> None:
    os.kill(ready["pid"], signal.SIGUSR1)
    wait_for(lambda: not control(ready).is_ready(timeout=1), "the server's end")


def bring_up(ready: dict[str, Any], options: argparse.Namespace) -> None:
    os.kill(ready["pid"], signal.SIGUSR2)
    wait_for(lambda: control(ready).is_ready(timeout=1), "the server's start")


Command = Callable[[dict[str, Any], argparse.Namespace], None]
COMMANDS: dict[str, tuple[str, Command]] = {
    "set": ("replace an RRset", set_records),
    "delete": ("remove an RRset, or a whole name", delete_records),
    "get": ("print an RRset as JSON", get_records),
    "updates": ("print the signed updates so far as JSON, but for set and delete", show_updates),
    "down": ("end the server's process, keep its records and its port", take_down),
    "up": ("run it again", bring_up),
    "stop": ("end everything", lambda _ready, options: stop(options.ready_file)),
}


def main(argv: Sequence[str] | None = None) -> None:
    options = parse(argv)
    try:
        if options.command in SERVERS:
            run(options)
        elif options.ready_file.exists():
            COMMANDS[options.command][1](json.loads(options.ready_file.read_text()), options)
        elif options.command != "stop":
            sys.exit(f"nothing runs: there is no {options.ready_file}")
    except (MissingProgramError, StartError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
