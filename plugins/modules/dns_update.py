#!/usr/bin/python
# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dns_update
short_description: Publish and remove CNAMEs by dynamic update, and change nothing else
version_added: 1.1.0
description:
  - Publishes and removes CNAMEs at a DNS server that accepts dynamic updates (RFC 2136), such as BIND, Knot DNS, PowerDNS or
    Windows.
  - Records that are not declared are never changed. Each update has prerequisites, which the server itself checks at the
    moment of the change. A CNAME is added only if there is no record at the name, and removed only if it has exactly the
    declared value. Other records are replaced only with C(overwrite).
  - All records of a zone are sent in one signed message. A record that is refused does not stop the others.
  - The server is queried before and after the update. RV(records[].status) is V(changed) only if the server shows the change.
author:
  - The mailops.email authors (@mailops)
extends_documentation_fragment:
  - mailops.email.attributes
options:
  server:
    description:
      - The address or host name of the server that accepts the updates, which is the primary server of the zones. If a host
        name has several addresses, they are tried one after the other.
      - Required. If not set, the environment variable E(TRACKING_DOMAIN_NSUPDATE_SERVER) is used.
    type: str
  port:
    description:
      - The port of the server.
    type: int
    default: 53
  protocol:
    description:
      - The transport protocol. With V(udp), messages are small, so that many records need many messages.
    type: str
    choices:
      - tcp
      - udp
    default: tcp
  key_name:
    description:
      - The name of the TSIG key that signs the messages. Without a key, messages are not signed.
      - The server must allow the key to query and to update the zones.
      - If not set, the environment variable E(TRACKING_DOMAIN_NSUPDATE_KEY_NAME) is used.
    type: str
  key_secret:
    description:
      - The secret of the key, in base64 as in the server's configuration.
      - If not set, the environment variable E(TRACKING_DOMAIN_NSUPDATE_KEY_SECRET) is used.
    type: str
  key_algorithm:
    description:
      - The algorithm of the key, one of V(hmac-md5), V(hmac-sha1), V(hmac-sha224), V(hmac-sha256), V(hmac-sha384) and
        V(hmac-sha512).
      - If not set, the environment variable E(TRACKING_DOMAIN_NSUPDATE_KEY_ALGORITHM) is used. If this is not set either, the
        default is used.
    type: str
    default: hmac-sha256
  timeout:
    description:
      - How many seconds to wait for an answer, and for the server to show an accepted change. At most 3600.
      - If the server is down, this time passes only once for all records and addresses.
    type: float
    default: 10.0
  records:
    description:
      - The records. Each is a dictionary with the following keys. Other keys are ignored.
      - C(name), required. The full name of the record.
      - C(value), required. The target of the CNAME.
      - C(type), only V(CNAME), which is the default.
      - C(ttl), the time to live in seconds of a record that is published, V(300) by default. A record that is already right keeps
        its own time to live.
      - C(zone), the zone of the name. If not given, the server is asked. If the server has a longer zone that contains the
        name, that zone is used.
      - C(state), V(present) (default) or V(absent).
      - C(overwrite), V(true) to replace all records at the name, of any type. The records of a zone's apex, a delegation
        and a DNAME are never replaced. V(false) is the default.
    type: list
    elements: dict
    required: true
attributes:
  check_mode:
    support: full
    details:
      - The server is queried, but no update is sent. So check mode cannot find out whether the key may update the zone.
  diff_mode:
    support: full
  idempotent:
    support: full
requirements:
  - dnspython >= 2.1
notes:
  - Run it on the controller, with C(hosts=localhost) or C(delegate_to=localhost). Environment variables are read on the host
    that runs the module.
  - An option that is an empty string counts as not set. AWX sends an empty string for each survey field that is left blank.
  - A record that fails does not stop the others. At the end the task fails and reports what failed.
  - To replace a CNAME by another one, give the new one with C(overwrite). Each name can be given only once.
seealso:
  - module: mailops.email.tracking_domain
  - name: RFC 2136
    description: Dynamic updates in the DNS.
    link: https://www.rfc-editor.org/rfc/rfc2136
"""

EXAMPLES = r"""
- name: Publish two records, and replace what exists at the name of the second
  mailops.email.dns_update:
    server: ns1.example.com
    key_name: mail-key
    key_secret: "{{ vault_dns_key_secret }}"
    records:
      - name: track.example.com
        value: track2.sendcloud.net
      - name: links.example.com
        value: track2.sendcloud.net
        ttl: 600
        overwrite: true

# Server and key from TRACKING_DOMAIN_NSUPDATE_SERVER, TRACKING_DOMAIN_NSUPDATE_KEY_NAME and
# TRACKING_DOMAIN_NSUPDATE_KEY_SECRET in the environment.
- name: Remove a record if it still points to the provider
  mailops.email.dns_update:
    records:
      - name: track.example.com
        value: track2.sendcloud.net
        state: absent
  register: removal

- name: Show the result for each record
  ansible.builtin.debug:
    msg: "{{ removal.records | map(attribute='msg') | list }}"
"""

RETURN = r"""
records:
  description: The result for each record, in the order of O(records), also if some failed.
  type: list
  elements: dict
  returned: if the options are valid
  contains:
    name:
      description: The name in lower case, without a final dot. International names are in punycode.
      type: str
      returned: success
      sample: track.example.com
    type:
      description: The type, V(CNAME).
      type: str
      returned: success
      sample: CNAME
    value:
      description: The declared target of the CNAME.
      type: str
      returned: success
      sample: track2.sendcloud.net
    state:
      description: The declared state, V(present) or V(absent).
      type: str
      returned: success
      sample: present
    zone:
      description: The zone of the name. V(null) if it could not be found.
      type: str
      returned: success
      sample: example.com
    status:
      description:
        - V(changed), the record was published or removed, and the server shows it. In check mode, it would be.
        - V(unchanged), there was nothing to do.
        - V(failed), the record is not as declared. RV(records[].msg) says why.
      type: str
      returned: success
      sample: changed
    before:
      description: What stood at the name before, as far as it could be seen. Each as in RV(records[].found).
      type: list
      elements: dict
      returned: success
    found:
      description: The records at the name after the task, as far as they are known. In check mode, those that would be there.
      type: list
      elements: dict
      returned: success
      contains:
        type:
          description: The type of the record.
          type: str
          returned: success
          sample: CNAME
        value:
          description: The data of the record. For a CNAME, the target without a final dot.
          type: str
          returned: success
          sample: track2.sendcloud.net
        ttl:
          description: The time to live in seconds.
          type: int
          returned: success
          sample: 300
    msg:
      description: What was done, or why nothing was done, for people.
      type: str
      returned: success
      sample: Published.
    failure:
      description: What failed, for machines, as RV(failure). V(null) if nothing failed.
      type: dict
      returned: success
failure:
  description: What failed, for machines. RV(ignore:msg) says it for people.
  type: dict
  returned: failure
  contains:
    code:
      description:
        - The kind of failure. V(conflict), there are other records at the name. V(authentication), the server refuses the key
          or the change. V(network), there is no answer. V(not_found), the server does not serve the zone. V(unsupported), the
          server does not accept updates. V(bad_response), the server failed. V(validation), an option is wrong. V(dependency),
          a library is missing. V(partial), records failed for different reasons.
      type: str
      returned: success
      sample: conflict
    operation:
      description: What the module was doing. V(null) if it had not started, or for several records.
      type: str
      returned: success
      sample: publish track.example.com CNAME track2.sendcloud.net
    provider:
      description: Always V(null).
      type: str
      returned: success
      sample: null
    vendor_code:
      description: Always V(null).
      type: str
      returned: success
      sample: null
    vendor_message:
      description: Always V(null).
      type: str
      returned: success
      sample: null
    http_status:
      description: Always V(null).
      type: int
      returned: success
      sample: null
    hint:
      description: What to do next. V(null) if this is not known.
      type: str
      returned: success
      sample: Remove what is no longer needed, or permit replacing it with C(overwrite).
"""

from ansible_collections.mailops.email.plugins.module_utils._ansible.dns_update import (
    update_records,
    update_spec,
)
from ansible_collections.mailops.email.plugins.module_utils._ansible.module import (
    Module,
    run_alone,
)


def main() -> None:
    """Run the module."""
    module = Module(argument_spec=update_spec(), supports_check_mode=True)
    run_alone(module, update_records)


if __name__ == "__main__":
    main()
