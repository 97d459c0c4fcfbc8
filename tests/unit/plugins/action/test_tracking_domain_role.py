# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the steps of the role see of the play: its variables' names, and the environment of its tasks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.action.tracking_domain_role import ActionModule

BACK_ENDS = {"none": {}, "mine": {"required": [{"mine_key": "MINE_KEY"}]}}


def problems(environment: Any = None, **variables: Any) -> str:
    given = {f"tracking_domain_{name}": value for name, value in variables.items()}
    args = {"step": "retire", "variables": given, "back_ends": BACK_ENDS}
    plugin = ActionModule.__new__(ActionModule)
    plugin._task = SimpleNamespace(args=args, check_mode=False, environment=environment)
    plugin._variables = {"inventory_hostname": "shop", "tracking": 1, **given}
    return str(plugin.work(dict(args)).get("problems"))


def test_a_variable_that_there_is_not() -> None:
    """Names are taken from the play, values are not."""
    said = problems(provider="sendclean", domains=[], token_="a-secret", _own=1)
    assert (
        said
        == "The role has no variable tracking_domain_token_. Did you mean tracking_domain_token?"
    )


@pytest.mark.parametrize(
    ("environment", "is_set"),
    [(None, False), ([], False), ([{"MINE_KEY": "x"}, "{{ a template }}"], True), ([{}], False)],
)
def test_the_environment_of_the_task_counts(environment: Any, is_set: bool) -> None:
    said = problems(environment, provider="sendclean", dns_provider="mine", domains=[])
    assert ("needs tracking_domain_mine_key (or MINE_KEY in the environment)" in said) is not is_set
