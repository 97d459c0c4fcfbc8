# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The random tester: whole runs of the modules in random worlds, and what they claim against what was.

``make fuzz``; more of it by hand::

    python tests/fuzz/run.py --cases 10000 --seed 7 --provider sendcloud
    python tests/fuzz/run.py --seed 7 --provider sendcloud --only 4711     # one case, in full
    python tests/fuzz/run.py --case case.json                              # one that was printed
    python tests/fuzz/run.py --cases 10000 --answers     # in each run, answers and errors are altered

What is found is made smaller and printed as JSON. The exit status is 1 where something does not fit.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from multiprocessing import Pool
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from importable import make_importable

make_importable()


from ansible_collections.mailops.email.tests.fuzz import claims, play, shrink, worlds  # noqa: E402

PROVIDERS = ("sendclean", "sendcloud")
_CHUNK = 50


def mismatches(case: worlds.Case, told: list[Any] | None = None) -> list[tuple[str, str]]:
    """(claim, what does not fit) of one case; an error of the tester itself is one as well."""
    runs: dict[str, play.Seen] = {}
    found: list[tuple[str, str]] = []
    try:
        for seen in play.Play(case).run():
            runs[seen.step] = seen
            if told is not None:
                told.append(seen)
            found += claims.of_run(seen)
        found += claims.of_runs(runs)
    except Exception as exc:
        found.append((f"tester: {type(exc).__name__}", traceback.format_exc()))
    return found


def play_numbers(
    work: tuple[str, int, list[int], bool],
) -> list[tuple[int, int, list[tuple[str, str]]]]:
    """(size, number, mismatches) of the cases that do not fit."""
    provider, seed, numbers, altered = work
    bad = []
    with play.sandbox_without_waiting():
        for number in numbers:
            case = worlds.make_case(provider, seed, number, altered=altered)
            found = mismatches(case)
            if found:
                bad.append((len(str(case)), number, found))
    return bad


def smaller(case: worlds.Case, claim: str) -> tuple[worlds.Case, list[tuple[str, str]]]:
    def still(candidate: worlds.Case) -> bool:
        return claim in [each for each, _problem in mismatches(candidate)]

    case = shrink.shrink(case, still)
    return case, mismatches(case)


def show(case: worlds.Case) -> int:
    """One case in full."""
    told: list[play.Seen] = []
    with play.sandbox_without_waiting():
        found = mismatches(case, told)
    print(json.dumps(case, indent=1, ensure_ascii=False))
    for seen in told:
        print(f"\n--- {seen.step}: {seen.ran.result.get('msg', '')}")
        for call in seen.calls:
            effect = "took effect" if call.took_effect else ""
            print(
                f"    {call.action} {call.names} {call.ids} {call.http_status} "
                f"{call.vendor_code or ''} {call.fault or ''} {effect}"
            )
        result = {
            k: v for k, v in seen.ran.result.items() if k not in ("invocation", "msg", "diff")
        }
        print(json.dumps(result, indent=1, ensure_ascii=False)[:6000])
        for line in seen.ran.warnings:
            print(f"    warning: {line}")
        print(f"    before {seen.before}\n    after {seen.after}")
    for claim, problem in found:
        print(f"\nDOES NOT FIT: {claim}: {problem}")
    return int(bool(found))


def chunks(options: argparse.Namespace) -> Iterator[tuple[str, int, list[int], bool]]:
    for start in range(options.start, options.start + options.cases, _CHUNK):
        numbers = list(range(start, min(start + _CHUNK, options.start + options.cases)))
        for provider in options.provider or PROVIDERS:
            yield provider, options.seed, numbers, options.answers


def hunt(options: argparse.Namespace) -> int:
    began = time.monotonic()
    work = list(chunks(options))
    counts: Counter[str] = Counter()
    # Of each claim the smallest case: it is made smaller yet, which takes its time.
    smallest: dict[str, tuple[int, str, int]] = {}
    bad = 0
    with Pool(options.jobs) as pool:
        for (provider, _seed, _numbers, _altered), found in zip(
            work, pool.imap(play_numbers, work), strict=True
        ):
            for size, number, problems in found:
                bad += 1
                for claim in {claim for claim, _problem in problems}:
                    counts[claim] += 1
                    of_claim = (size, provider, number)
                    smallest[claim] = min(smallest.get(claim, of_claim), of_claim)
    for claim, count in counts.most_common():
        _size, provider, number = smallest[claim]
        print(f"{count:6} {claim}: {provider} {number}", flush=True)
    for claim, (_size, provider, number) in list(smallest.items())[: options.shown]:
        with play.sandbox_without_waiting():
            case = worlds.make_case(provider, options.seed, number, altered=options.answers)
            small, problems = smaller(case, claim)
        print(f"\n{claim}: {provider} {number}")
        for each, problem in problems:
            print(f"  {each}: {problem}")
        print(json.dumps(small, ensure_ascii=False), flush=True)
    cases = sum(len(numbers) for _provider, _seed, numbers, _altered in work)
    seconds = time.monotonic() - began
    print(f"seed {options.seed}: {cases} cases, {bad} do not fit, {seconds:.0f} s")
    return int(bad > 0)


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Hold what the modules claim against what they did."
    )
    parser.add_argument("--cases", type=int, default=1000, help="of each provider")
    parser.add_argument("--start", type=int, default=0, help="the number of the first case")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--provider", action="append", choices=PROVIDERS)
    parser.add_argument(
        "--answers", action="store_true", help="alter answers and errors in each run of each case"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--shown", type=int, default=5, help="how many are made smaller")
    parser.add_argument("--only", type=int, help="this case alone, and all of it")
    parser.add_argument("--case", type=Path, help="a case that was printed")
    options = parser.parse_args()
    if options.case:
        return show(json.loads(options.case.read_text()))
    if options.only is not None:
        return show(
            worlds.make_case(
                (options.provider or PROVIDERS)[0],
                options.seed,
                options.only,
                altered=options.answers,
            )
        )
    return hunt(options)


if __name__ == "__main__":
    sys.exit(main())
