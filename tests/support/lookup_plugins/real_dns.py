# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks and tells a real DNS server, whose ready file is the variable ``dns_ready_file``.

``lookup('real_dns', 'updates')``: the zones of the updates so far, oldest first.
``query('real_dns', 'get', type, name, ...)``: for each name a list of the data of such records.
``lookup('real_dns', 'set', name, type, data)``, ``lookup('real_dns', 'delete', name)``: change the
records, unseen by ``updates``.

Unlike a task with tests/sandbox/real_dns it costs no process, and it can stand in an assertion.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        real_dns = import_real_dns()
        ready = json.loads(Path(self._templar.template(variables["dns_ready_file"])).read_text())
        what, *terms = terms
        if what == "updates":
            updates = real_dns.SERVERS[ready["kind"]].updates_in(Path(ready["log"]).read_text())
            return [[update.zone for update in updates]]
        key = real_dns.Key(**ready["control"])
        control = real_dns.Control((ready["host"], ready["port"]), ready["zones"], key)
        if what == "get":
            rdtype, *names = terms
            return [control.get(name, rdtype) for name in names]
        {"set": control.set, "delete": control.delete}[what](*terms)
        return [""]


def import_real_dns():
    """Without what the package around it imports, web servers above all."""
    directory = Path(__file__).resolve().parents[2] / "sandbox"
    package = ModuleType("sandbox")
    package.__path__ = [str(directory)]
    sys.modules.setdefault("sandbox", package)
    from sandbox import real_dns

    return real_dns
