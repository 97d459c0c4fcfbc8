# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options for looking up, verifying and deleting tracking domains."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  verify:
    description:
      - Ask the provider to verify the domain, unless it is already verified.
      - The live DNS is looked up first. The provider is asked only if the CNAME is right, or if the DNS gives no definitive
        answer. Asking too early costs calls, and the provider may cache that there was no record.
      - Without O(wait), a domain that is not verified yet is not a failure. The result says why it is not verified.
    type: bool
    default: false
  wait:
    description:
      - Wait until the domain is verified, for at most O(wait_timeout) seconds. Needs O(verify).
      - If the domain is not verified in time, the task fails. The message shows the expected record, the answer of each name
        server, and the record to publish.
      - The wait ends early if waiting cannot help. This is the case if the name is a zone's apex, if there are other records at
        the name, if the name of the record has the zone twice, if all name servers return the same wrong CNAME in three
        lookups, and if the provider refuses the verification.
      - Check mode also fails if the live DNS shows that waiting cannot help.
    type: bool
    default: false
  wait_timeout:
    description:
      - How many seconds to wait at most, up to one day. There is one deadline for all domains of a task.
    type: float
    default: 300.0
  wait_interval:
    description:
      - How many seconds to pause between two lookups. At most 3600.
    type: float
    default: 10.0
  dangling:
    description:
      - What to do if a domain is to be deleted (also by a purge) or renamed, but its name may still lead to the provider. Anyone
        with an account at the provider could then claim the name, and would own the links in mail that was already sent.
      - V(fail) refuses, unless the live DNS shows that the name leads elsewhere or nowhere. V(warn) continues with a warning.
        V(ignore) does not check.
      - V(fail) refuses if there is a CNAME to the target, to another target of the account, or to a name in the same domain as a
        target. It refuses any CNAME if the target is not known. It refuses an address of the target, also among other addresses.
        It refuses if the result is not certain, because a name server gives no answer or name servers disagree. If the domain was
        ever verified, it also refuses addresses of a proxy, and any address if the addresses of the target change or cannot be
        looked up.
      - A resolver may have cached only some of a target's addresses. So it is better to ask the name servers of the zones.
      - The same applies to a domain that a sender still uses (V(in_use)), at providers where senders are bound to a domain. If
        the credentials do not allow reading the senders, there is a warning.
    type: str
    choices:
      - fail
      - warn
      - ignore
    default: fail
"""

    DNS = r"""
options:
  dns_servers:
    description:
      - Name servers to ask instead of the name servers of the zone. Each is an IPv4 or IPv6 address, with a port if it is not 53,
        for example V(192.0.2.53), V(192.0.2.53:5353) or V([2001:db8::53]:5353).
      - Use this if a firewall blocks other name servers, or for split DNS.
    type: list
    elements: str
requirements:
  - dnspython >= 2.1, if the live DNS is looked up
"""
