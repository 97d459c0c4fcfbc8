# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written from the providers' files is as they say now."""

from __future__ import annotations

import subprocess
import sys

import generate
import module_docs
import pytest

from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT


def test_nothing_differs_from_what_the_providers_files_say() -> None:
    done = subprocess.run(
        [sys.executable, "-B", CHECKOUT / "tests" / "tools" / "generate.py", "--check"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    text = "a\n  # begin of x (by y)\n  old\n  # end of x\nb\n<!-- begin of xy -->\n<!-- end of xy -->\n"
    made = generate.between(generate.between(text, "x", "  new\n"), "xy", "z\n")
    assert made == text.replace("old", "new").replace("xy -->\n<", "xy -->\nz\n<")
    with pytest.raises(SystemExit, match="0 places are marked"):
        generate.between(text, "other", "")


def test_a_list_in_words() -> None:
    lists = [generate.listed(list(words), "or") for words in ("a", "ab", "abc")]
    assert lists == ["a", "a or b", "a, b or c"]


def test_an_entry_of_a_list_refers_to_its_own_options() -> None:
    made = module_docs.modules(generate.to_yaml)
    assert "renamed to O(name)" in made["tracking_domain"]["options"]
    assert "renamed to O(domains[].name)" in made["tracking_domains"]["suboptions"]
    # Those of the task stay what they are.
    assert "needs O(verify)" in made["tracking_domains"]["suboptions"]
    assert "O(dangling=ignore)" in made["tracking_domains"]["options"]
    assert (
        "O(domains"
        not in made["tracking_domain"]["options"] + made["tracking_domain_info"]["values"]
    )
