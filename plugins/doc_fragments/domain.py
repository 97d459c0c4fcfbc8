# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of how tracking domains are looked at, verified and deleted."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  verify:
    description:
      - Have the provider verify the domain, unless it is verified already.
      - The live DNS is looked at first. The provider is asked only when the CNAME is right or cannot be known. Asking
        too early costs calls and lets the provider remember that there was no record.
      - Without O(wait) a domain that is not verified yet is no failure. The result says why it is not.
    type: bool
    default: false
  wait:
    description:
      - Wait until the domain is verified, for at most O(wait_timeout) seconds. Needs O(verify).
      - A wait that ends without success fails, and says what was expected and what each name server answered, and which
        record to publish.
      - It ends early where waiting cannot help, that is for a name that is a zone's apex, for other records at the name, for a
        record whose name has the zone twice, for a CNAME to somewhere else on which all name servers agree at three looks,
        and for a verification that the provider turns down.
      - Check mode fails as well where the live DNS shows that waiting cannot help.
    type: bool
    default: false
  wait_timeout:
    description:
      - For how many seconds to wait at most, up to a day. One deadline counts for all domains of a task.
    type: float
    default: 300.0
  wait_interval:
    description:
      - How many seconds to pause between two looks. At most 3600.
    type: float
    default: 10.0
  dangling:
    description:
      - What to do when a domain is to be deleted or renamed, by itself or by a purge, and its name may still lead to the
        provider. Anyone with an account there could then claim the name, and would own the links in mail that is already sent.
      - V(fail) refuses, unless the live DNS shows that the name leads elsewhere or nowhere. V(warn) goes on with a warning.
        V(ignore) does not look.
      - Refused are a CNAME to the target, or to another target of the account or beside it; any CNAME where nobody said the
        target; an address of the target, be it one among others; and whatever cannot be known, because a name server gives no
        answer or name servers disagree. At a domain that was verified, addresses of a proxy are refused as well, and any
        address where those of the target change or cannot be looked up.
      - A resolver may keep some of a target's addresses only. The zones' own name servers are the better ones to ask.
      - The same holds for a domain that a sender still uses (V(in_use)), at providers where senders are bound to a domain. Where
        the credentials do not permit to read the senders, there is a warning.
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
      - Name servers to ask instead of the zone's own, each an IPv4 or IPv6 address, with a port if it is not 53, for example
        V(192.0.2.53), V(192.0.2.53:5353) or V([2001:db8::53]:5353).
      - For networks whose firewall blocks other name servers, and for split DNS.
    type: list
    elements: str
requirements:
  - dnspython >= 2.1, where the live DNS is looked at
"""
