# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private environments: built once, used only when whole, made anew when they should differ."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, with requirement files and a cache of its own."""
    monkeypatch.syspath_prepend(str(TOOLS))
    monkeypatch.setenv("MAILOPS_CACHE", str(tmp_path / "cache"))
    module = importlib.import_module("environment")
    monkeypatch.setattr(module, "REQUIREMENTS", tmp_path)
    (tmp_path / "importer.txt").write_text("# why\n-r more.txt\n")
    (tmp_path / "more.txt").write_text("something>=1  # and why that\n")
    return module


class Commands:
    """Takes the place of what builds an environment; can be told to fail."""

    def __init__(self) -> None:
        self.run: list[list[str]] = []
        self.fail: type[Exception] | None = None

    def __call__(self, command: list[str], *, log: Path) -> None:
        self.run.append(command)
        log.touch()
        if "venv" in command:
            Path(command[-1]).mkdir(parents=True)
        elif self.fail:
            raise self.fail("no network")


@pytest.fixture
def commands(environment: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Commands:
    stand_in = Commands()
    monkeypatch.setattr(environment, "_run", stand_in)
    return stand_in


def test_built_once(environment: ModuleType, commands: Commands) -> None:
    place = environment.ensure("importer")
    built = len(commands.run)
    assert built == 2
    assert commands.run[0] == [sys.executable, "-m", "venv", str(place)]
    assert environment.ensure("importer") == place
    assert len(commands.run) == built


def test_a_half_built_one_is_never_used(environment: ModuleType, commands: Commands) -> None:
    commands.fail = environment.BuildError
    with pytest.raises(environment.BuildError, match="no network"):
        environment.ensure("importer")
    commands.fail = None
    commands.run.clear()
    assert environment.ensure("importer").is_dir()
    assert len(commands.run) == 2


def test_a_changed_requirement_makes_another(environment: ModuleType, commands: Commands) -> None:
    before = environment.ensure("importer")
    (environment.REQUIREMENTS / "more.txt").write_text("something>=1  # for another reason\n")
    assert environment.ensure("importer") == before
    (environment.REQUIREMENTS / "more.txt").write_text("something>=2\n")
    assert environment.ensure("importer") != before


def test_what_failed_is_shown_with_the_end_of_the_log(
    environment: ModuleType, tmp_path: Path
) -> None:
    script = "for number in range(99): print('line', number)\nraise SystemExit(1)"
    with pytest.raises(environment.BuildError) as caught:
        environment._run([sys.executable, "-c", script], log=tmp_path / "log")
    text = str(caught.value)
    assert "line 98\n" in text
    assert "line 50\n" not in text
    assert str(tmp_path / "log") in text


def test_a_core_can_be_named(
    environment: ModuleType, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    (environment.REQUIREMENTS / "units.txt").write_text("ansible-core\n")
    newest = environment.ensure("units")
    core = next(
        name
        for name, (first, last) in environment.CORES.items()
        if first <= sys.version_info[:2] <= last
    )
    monkeypatch.setenv("CORE", core)
    commands.run.clear()
    assert environment.ensure("units") != newest
    assert commands.run[-1][-1] == f"ansible-core~={core}.0"
    # What has a core of its own is left alone.
    commands.run.clear()
    environment.ensure("importer")
    assert not commands.run[-1][-1].startswith("ansible-core")


def test_the_collections_come_from_the_release_that_goes_with_the_core(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment.Environment, "runs_here", True)
    for core, release in (("2.16", "ansible~=9.0"), ("2.19", "ansible~=12.0")):
        monkeypatch.setenv("CORE", core)
        made, more = environment.with_core(environment.ENVIRONMENTS["test"])
        assert (made.collections_from, more) == (release, [f"ansible-core~={core}.0"])


@pytest.mark.parametrize(
    ("core", "words"), [("2.15", "is not supported"), ("2.21", "does not run under this Python")]
)
def test_a_core_that_cannot_be_had_is_named(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch, core: str, words: str
) -> None:
    monkeypatch.setattr(environment.sys, "version_info", (3, 11, 0))
    monkeypatch.setenv("CORE", core)
    with pytest.raises(environment.BuildError, match=words):
        environment.ensure("units")
