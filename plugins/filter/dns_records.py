# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: dns_records
short_description: The DNS records of tracking domains, as data or for another DNS tool
version_added: 1.0.0
description:
  - Turns tracking domains, or the result of the role P(mailops.email.tracking_domain#role), into the CNAME records that
    they need, as a list, as a fragment of a zone file, as octoDNS YAML, or as DNSControl JavaScript.
  - With it, any tool can publish the records in the place of the role.
  - Of the role's result, its C(records) count, with the zones and the time to live that the role was given, whether
    they are published already or not. Those that are being removed are left out.
  - A name that two inputs have is given once, as the first of them has it. Two that differ in the target are an error.
  - In check mode, a domain that the provider does not have yet is left out as long as nobody can know what it will have
    to point to. The role says so in its own output. A domain of a module's result whose target nobody said otherwise is
    an error, which says what to do.
author:
  - The mailops.email authors (@mailops)
positional: _input
options:
  _input:
    description:
      - What a module of this collection returned, the fact C(tracking_domain_result) of the role, tracking domains or
        records out of either, or a list of any of these.
    type: raw
    required: true
  format:
    description:
      - V(list) gives the records as data.
      - V(zone) gives lines for a zone file. All names are whole, so that the lines are right in the file of any zone.
      - V(octodns) gives the YAML file of one zone.
      - V(dnscontrol) gives a C(D_EXTEND) for each zone, to stand behind the C(D) that declares it.
    type: str
    choices:
      - list
      - zone
      - octodns
      - dnscontrol
    default: list
  zone:
    description:
      - The zone to give the records of. Those of names outside it are left out.
      - A record that belongs in a zone below this one, by what the role was told or by the live DNS, is left out too.
      - If not given, each record has the zone that the role was told, else the one that the live DNS says. Where the
        live DNS was not looked at, it is not known. Only V(octodns) and V(dnscontrol) need it.
    type: str
  ttl:
    description:
      - The time to live of all records in seconds, from 0 to 2147483647.
      - If not given, each of the role's records has its own, and that of a tracking domain is 300.
      - DNSControl takes 0 for its own default.
    type: int
seealso:
  - name: octoDNS
    description: DNS as YAML.
    link: https://github.com/octodns/octodns
  - name: DNSControl
    description: DNS as JavaScript.
    link: https://dnscontrol.org/
"""

EXAMPLES = r"""
- name: Ask for all tracking domains, and for their zones
  mailops.email.tracking_domain_info:
    provider: sendcloud
    dns_check: authoritative
  register: account

- name: Write what can be included in a zone file
  ansible.builtin.copy:
    content: "{{ account | mailops.email.dns_records(format='zone') }}"
    dest: /etc/bind/tracking.db
    mode: "0644"

- name: Write the file of one zone for octoDNS
  ansible.builtin.copy:
    content: "{{ account | mailops.email.dns_records(format='octodns', zone='example.com', ttl=3600) }}"
    dest: config/example.com.yaml
    mode: "0644"

- name: Write what the role mailops.email.tracking_domain wants in a zone, with the role's time to live
  ansible.builtin.copy:
    content: "{{ tracking_domain_result | mailops.email.dns_records(format='octodns', zone='example.com') }}"
    dest: config/example.com.yaml
    mode: "0644"

- name: Show what nobody has published yet
  ansible.builtin.debug:
    msg: "{{ tracking_domain_result.records | selectattr('action', 'eq', 'to_publish')
             | mailops.email.dns_records(format='zone') }}"

- name: Show the records
  ansible.builtin.debug:
    msg: "{{ item.name }} must be a {{ item.type }} to {{ item.value }}"
  loop: "{{ account | mailops.email.dns_records }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
_value:
  description:
    - With O(format=list) a list of dictionaries. C(name) and C(value) are whole names without a final dot. C(type) is
      always C(CNAME). C(ttl) is in seconds. C(zone) is V(null) where it is not known, and so is C(record), the name
      within the zone.
    - Otherwise text.
  type: raw
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.plugin_utils import _records

FORMS: dict[str, t.Callable[[list[_records.Record]], t.Any]] = {
    "list": lambda records: [record.as_dict() for record in records],
    "zone": _records.as_zone_file,
    "octodns": _records.as_octodns,
    "dnscontrol": _records.as_dnscontrol,
}


def dns_records(
    value: t.Any,
    format: str = "list",  # noqa: A002
    zone: str | None = None,
    ttl: t.Any = None,
) -> t.Any:
    if format not in FORMS:
        raise AnsibleFilterError(
            f"dns_records: format must be one of {', '.join(FORMS)}, not {format!r}"
        )
    try:
        records = _records.records_of(
            _records.sources_of(value), zone=zone or None, ttl=None if ttl == "" else ttl
        )
        return FORMS[format](records)
    except (_records.RecordError, TrackingError) as exc:
        raise AnsibleFilterError(f"dns_records: {exc}") from exc


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"dns_records": dns_records}
