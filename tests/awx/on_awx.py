# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tries the set-up and its jobs on an AWX that you have: ``make awx``.

CONTROLLER_HOST and CONTROLLER_OAUTH_TOKEN (or another variable of awx.awx) say which AWX; VARIABLES is a
file with the variables of ``mailops.email.awx_setup``. All objects get names of their own, which begin with
NAME, "mailops.email trial" by default. The set-up runs twice, and the second time it must change nothing. Then
the jobs ``check`` and ``audit`` run, which change nothing at the providers. REMOVE=1 takes the objects away.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from workspace import Workspace, workspace

SET_UP = [{"ansible.builtin.import_playbook": "mailops.email.awx_setup"}]
# In the order in which AWX lets them go; schedules go with their job templates, hosts with the inventory.
ONE_OF_A_KIND = ("project", "execution_environment", "notification_template")
TEMPLATES = ("converge", "check", "change", "audit", "renew certificates")
LEFT = """
On {host} there are now a project, an inventory, job templates, a schedule and maybe credentials, an execution
environment and a notification template whose names begin with "{name}", and the credential types whose names begin
with "mailops.email". The schedule runs the audit each day. To remove all but the credential types, which other
credentials may use: the same command with REMOVE=1.
"""
REMOVED = """
Removed from {host}, where it was: all whose names begin with "{name}". The credential types whose names begin with
"mailops.email" are still there; delete them in AWX if nothing uses them.
"""


def play(name: str, tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    common = {"hosts": "localhost", "connection": "local", "gather_facts": False}
    python = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    return [{"name": name, **common, "vars": python, "tasks": tasks}]


def launch(name: str) -> list[dict[str, Any]]:
    return play(
        "Run the jobs that change nothing",
        [
            {
                "name": f"Run {job}",
                "awx.awx.job_launch": {"name": f"{name}: {job}", "wait": True, "timeout": 1800},
            }
            for job in ("check", "audit")
        ],
    )


def remove(name: str) -> list[dict[str, Any]]:
    absent = {"state": "absent"}
    tasks: list[dict[str, Any]] = [
        {
            "name": "Remove the job templates",
            "awx.awx.job_template": {"name": f"{name}: {{{{ item }}}}", **absent},
            "loop": list(TEMPLATES),
        },
        {
            "name": "Remove the inventory",
            "awx.awx.inventory": {
                "name": name,
                "organization": "{{ awx_setup_organization | default('Default') }}",
                **absent,
            },
        },
    ]
    tasks += [
        {"name": f"Remove the {kind}", f"awx.awx.{kind}": {"name": name, **absent}}
        for kind in ONE_OF_A_KIND
    ]
    found = (
        "query('awx.awx.controller_api', 'credentials', return_objects=true, "
        f"query_params={{'name__startswith': '{name}: '}})"
    )
    tasks.append(
        {
            "name": "Remove the credentials",
            "awx.awx.credential": {
                "name": "{{ item.name }}",
                "credential_type": "{{ item.summary_fields.credential_type.name }}",
                **absent,
            },
            "loop": f"{{{{ {found} }}}}",
            "loop_control": {"label": "{{ item.name }}"},
        }
    )
    return play("Remove what the trial made", tasks)


def run(plays: list[dict[str, Any]], space: Workspace, name: str, variables: str) -> int:
    """How many tasks changed something.

    :raises SystemExit: the play failed.
    """
    playbook = space.root / "play.yml"
    playbook.write_text(json.dumps(plays))
    command = ["ansible-playbook", str(playbook), "-e", json.dumps({"awx_setup_name": name})]
    if variables:
        command += [
            "-e",
            f"@{Path(variables).resolve()}",
            "-e",
            json.dumps({"awx_setup_name": name}),
        ]
    environ = space.environ(Path(sys.prefix)) | {
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    }
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    recap = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        recap = line if "changed=" in line else recap
    if process.wait() != 0:
        raise SystemExit("\nThat failed. What was made so far stays; REMOVE=1 removes it.")
    found = re.search(r"changed=(\d+)", recap)
    return int(found[1]) if found else 0


def main(given: Mapping[str, str]) -> int:
    host, name = given.get("CONTROLLER_HOST"), given.get("NAME") or "mailops.email trial"
    if not host:
        print(__doc__)
        return 2
    variables = given.get("VARIABLES", "")
    with workspace() as space:
        if given.get("REMOVE"):
            run(remove(name), space, name, variables)
            print(REMOVED.format(host=host, name=name))
            return 0
        run(SET_UP, space, name, variables)
        again = run(SET_UP, space, name, variables)
        if again:
            print(f"The second run changed something, in {again} tasks.")
        else:
            run(launch(name), space, name, variables)
    print(LEFT.format(host=host, name=name))
    return int(bool(again))


if __name__ == "__main__":
    sys.exit(main(os.environ))
