# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a real DNS server has and got; its ready file is the variable ``dns_ready_file``.

``lookup('real_dns', 'updates')``: the zones of the updates so far, oldest first.
``query('real_dns', 'CNAME', name, ...)``: for each name a list of the data of such records.

In an assertion it costs no process, unlike tests/sandbox/real_dns.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
        from sandbox.real_dns import SERVERS, Control, Key

        ready = json.loads(Path(self._templar.template(variables["dns_ready_file"])).read_text())
        what, *names = terms
        if what == "updates":
            updates = SERVERS[ready["kind"]].updates_in(Path(ready["log"]).read_text())
            return [[update.zone for update in updates]]
        key = Key(**ready["control"])
        control = Control((ready["host"], ready["port"]), ready["zones"], key)
        return [control.get(name, what) for name in names]
