# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wanted and what is there, to what has to be done. Private to this collection. No I/O here.

The plan is the same for check mode and for real, for one domain and for a set.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass

from ansible_collections.mailops.email.plugins.module_utils._engine.wanted import Wanted
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import NamePattern, quoted
from ansible_collections.mailops.email.plugins.module_utils._providers.facts import ProviderFacts
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import TrackingDomain


@dataclass(frozen=True)
class Step:
    """What has to be done for one domain.

    :param write: ``add``, ``update``, ``delete``, or None where nothing is to be written.
    :param before: as the provider has it, or None.
    :param shares_name: the provider has other entries of the name of ``before``.
    :param rename: an update gives it ``wanted.name``.
    :param upload: an add or update brings the certificate.
    :param error: why it is not possible; then ``write`` is None.
    """

    wanted: Wanted
    write: str | None = None
    before: TrackingDomain | None = None
    shares_name: bool = False
    rename: bool = False
    upload: bool = False
    error: TrackingError | None = None

    @property
    def action(self) -> str:
        """The word for it in the modules' return value, as far as the write alone tells."""
        if self.error:
            return "failed"
        if self.write == "update":
            return "renamed" if self.rename else "updated"
        return {"add": "created", "delete": "deleted", None: "unchanged"}[self.write]

    @property
    def guarded(self) -> bool:
        """Whether it frees a name, so that it has to be known whether the name is still used."""
        return (self.write == "delete" or self.rename) and self.wanted.dangling != "ignore"

    @property
    def looked_up(self) -> bool:
        """Whether the live DNS is looked at before."""
        return self.guarded and not (self.rename and not self.wanted.looks_at_old_name)

    def doubt(self, facts: ProviderFacts) -> str | None:
        """A warning where the upload may not be needed, and will be repeated; else None."""
        forced = self.wanted.certificate_update == "always"
        if not (self.upload and self.before and self.before.hides_certificate) or forced:
            return None
        return (
            f"{self.wanted.name}: {facts.title} serves HTTPS for it but does not show the validity "
            "of its certificate, so it is not known which one it has: each run uploads the "
            "certificate "
            "again, and reports a change. To upload only after a renewal, declare the certificate "
            f"only in that run, and ask {facts.title}'s support why the validity is missing."
        )

    def after(self, facts: ProviderFacts, target: str | None) -> TrackingDomain | None:
        """The domain as it will be once the write is done, as far as that can be predicted."""
        if self.wanted.state == "absent":
            return None
        domain = self.before or TrackingDomain(
            provider=facts.name,
            name=self.wanted.name,
            target=target,
            https=False if facts.has_certificates else None,
        )
        if self.rename:
            domain = domain.but(name=self.wanted.name, verified=False)
        if self.upload and self.wanted.certificate:
            domain = domain.but(https=True, certificate=self.wanted.certificate.validity)
        return domain


@dataclass(frozen=True)
class Plan:
    """What has to be done.

    :param declared: a step for each entry, in the order asked.
    :param purge: the deletions of a purge.
    :param unmanaged: what is not declared, by name; with a purge too.
    """

    declared: tuple[Step, ...]
    purge: tuple[Step, ...]
    unmanaged: tuple[TrackingDomain, ...]


class _Account:
    """What a provider has, to be found by name and by id."""

    def __init__(self, domains: t.Iterable[TrackingDomain], facts: ProviderFacts) -> None:
        self._by_name: dict[str, list[TrackingDomain]] = {}
        self.by_id: dict[int, TrackingDomain] = {}
        self.facts = facts
        for domain in domains:
            self._by_name.setdefault(domain.name, []).append(domain)
            if domain.id is not None:
                self.by_id[domain.id] = domain

    def named(self, name: str) -> list[TrackingDomain]:
        """All entries that have this name in our form."""
        return self._by_name.get(name, [])

    def one(self, name: str, entry: Wanted) -> TrackingDomain | None:
        """:raises TrackingError: ``conflict`` where several have this name: any could be meant."""
        found = self.named(name)
        if len(found) < 2:
            return found[0] if found else None
        title = self.facts.title
        by_id = ", or with state: absent and its id" if self.facts.has_ids else ""
        raise _unresolved(
            "conflict",
            entry,
            self.facts,
            f"{title} has {len(found)} entries of the name {name}: {_spelled_out(found)}",
            f"Only one of them can be meant. Delete the others in {title}'s panel{by_id}; then run "
            "again.",
        )


def check_wanted(wanted: t.Sequence[Wanted], facts: ProviderFacts) -> None:
    """Refuse what contradicts itself or what the provider cannot serve, before any call.

    :raises TrackingError: ``validation`` or ``unsupported``.
    """
    for entry in wanted:
        check_entry(entry, facts)
    _check_senders(wanted, facts)
    claims = Counter(name for entry in wanted for name in entry.names)
    twice = sorted(name for name, count in claims.items() if count > 1)
    if twice:
        raise TrackingError(
            "validation",
            f"these names are declared more than once: {', '.join(twice)}",
            provider=facts.name,
            hint="Names are compared without case and final dot, and a rename claims the old name too. "
            "Keep one entry for each.",
        )
    ids = Counter(entry.id for entry in wanted if entry.id is not None)
    twice = sorted(str(number) for number, count in ids.items() if count > 1)
    if twice:
        raise TrackingError(
            "validation",
            f"these ids are declared more than once: {', '.join(twice)}",
            provider=facts.name,
            hint="An id belongs to one domain: keep one entry for each.",
        )


def _check_senders(wanted: t.Sequence[Wanted], facts: ProviderFacts) -> None:
    declared = Counter(name for entry in wanted for name in set(entry.senders or ()))
    twice = sorted(name for name, count in declared.items() if count > 1)
    if twice:
        raise TrackingError(
            "validation",
            f"these senders are declared for more than one domain: {', '.join(twice)}",
            provider=facts.name,
            hint="A sender uses only one tracking domain: declare it for that domain only.",
        )


def check_entry(entry: Wanted, facts: ProviderFacts) -> None:
    """Refuse one entry that contradicts itself or that the provider cannot serve.

    :raises TrackingError: ``validation`` or ``unsupported``.
    """

    def refuse(code: str, message: str, hint: str) -> TrackingError:
        return TrackingError(code, f"{entry.name}: {message}", provider=facts.name, hint=hint)

    if entry.senders is not None and not facts.has_senders:
        raise refuse(
            "unsupported",
            f"{facts.title} has no senders that are bound to a tracking domain",
            "Leave out the option senders.",
        )
    if entry.senders is not None and entry.state == "absent":
        raise refuse(
            "validation",
            "senders are only possible with state: present",
            "Leave them out of an entry with state: absent; they are bound to another domain by its entry.",
        )
    renames = entry.rename_from is not None
    if renames and not facts.has_rename:
        raise refuse(
            "unsupported",
            f"{facts.title} cannot rename a tracking domain",
            f"Declare {entry.name} as a new domain, have it verified, then retire {entry.rename_from} "
            "with state: absent.",
        )
    if entry.id is not None and not facts.has_ids:
        raise refuse(
            "unsupported",
            f"{facts.title} has no ids for tracking domains",
            "Leave the option id out; the name says which domain is meant.",
        )
    if renames and entry.id is not None:
        raise refuse(
            "validation",
            "id and rename_from cannot be used together",
            "Give only one of them: either one says what to rename.",
        )
    if entry.rename_from == entry.name:
        raise refuse(
            "validation", "rename_from is its own name", "Give the old name, or leave it out."
        )
    if entry.state == "absent" and renames:
        raise refuse(
            "validation",
            "a rename is only possible with state: present",
            "Leave rename_from out of an entry with state: absent.",
        )


def make_plan(
    wanted: t.Sequence[Wanted],
    present: t.Sequence[TrackingDomain],
    facts: ProviderFacts,
    *,
    purge: bool = False,
    purge_exclude: t.Sequence[NamePattern] = (),
    purge_dangling: str = "fail",
) -> Plan:
    """Compare, and say what has to be done.

    :param present: all domains of the account.
    :param purge: delete what is not declared, except names that match ``purge_exclude``.
    """
    account = _Account(present, facts)
    steps = _refuse_double_use([_step(entry, account) for entry in wanted], facts)
    # An entry that failed speaks for its domain as well: a purge must not take it.
    names = {name for entry in wanted for name in entry.names}
    ids = {entry.id for entry in wanted if entry.id is not None}
    unmanaged = sorted(
        (domain for domain in present if domain.name not in names and domain.id not in ids),
        key=lambda domain: domain.name,
    )
    to_purge = [
        Step(
            Wanted(name=domain.name, state="absent", dangling=purge_dangling),
            write="delete",
            before=domain,
            shares_name=len(account.named(domain.name)) > 1,
        )
        for domain in unmanaged
        if purge and not any(pattern.matches(domain.name) for pattern in purge_exclude)
    ]
    return Plan(tuple(steps), tuple(to_purge), tuple(unmanaged))


def _refuse_double_use(steps: t.Sequence[Step], facts: ProviderFacts) -> list[Step]:
    """The steps; where an entry by id and one by name mean the same domain, the rename alone goes on."""
    renamed: dict[int | str, str] = {}
    for step in steps:
        if step.rename and step.before:
            renamed.setdefault(step.before.key, step.wanted.name)
    return [
        step
        if step.before is None or renamed.get(step.before.key, step.wanted.name) == step.wanted.name
        else Step(
            step.wanted,
            before=step.before,
            error=_unresolved(
                "conflict",
                step.wanted,
                facts,
                f"another entry renames {step.before.name} to {renamed[step.before.key]}",
                "Once that is done, run again.",
            ),
        )
        for step in steps
    ]


def with_own_window(domain: TrackingDomain, entry: Wanted) -> TrackingDomain:
    """The domain with the window that the entry's certificate has, where the provider shows that one.

    A provider may round it, and may write it in another zone than is known (``Validity.is_of``).
    """
    if entry.certificate and domain.shows(entry.certificate.validity):
        return domain.but(certificate=entry.certificate.validity)
    return domain


def check_purge_limit(plan: Plan, limit: int, facts: ProviderFacts) -> None:
    """Refuse a purge that is larger than anybody meant.

    :raises TrackingError: ``purge_limit``.
    """
    names = [step.wanted.name for step in plan.purge]
    if len(names) > limit:
        raise TrackingError(
            "purge_limit",
            f"purge would delete {len(names)} tracking domains, more than purge_limit ({limit}): "
            f"{', '.join(names)}",
            operation=facts.operation("purge"),
            provider=facts.name,
            hint="Nothing was changed. Raise purge_limit to delete all of them, declare those that "
            "stay, or add them to purge_exclude.",
        )


def _step(entry: Wanted, account: _Account) -> Step:
    try:
        if entry.problem:
            raise entry.problem
        before = _find(entry, account)
    except TrackingError as exc:
        named = account.named(entry.name)
        return Step(entry, before=named[0] if len(named) == 1 else None, error=exc)
    if entry.state == "absent":
        return Step(
            entry,
            write="delete" if before else None,
            before=before,
            shares_name=len(account.named(entry.name)) > 1,
        )
    if before is None:
        return Step(entry, write="add", upload=entry.certificate is not None)
    before = with_own_window(before, entry)
    rename = before.name != entry.name
    upload = entry.certificate is not None and (
        entry.certificate_update == "always" or not before.shows(entry.certificate.validity)
    )
    write = "update" if rename or upload else None
    return Step(entry, write=write, before=before, rename=rename, upload=upload)


def _find(entry: Wanted, account: _Account) -> TrackingDomain | None:
    """The domain that an entry speaks of: by its id, its name, or the name it had."""

    def refuse(code: str, message: str, hint: str) -> TrackingError:
        return _unresolved(code, entry, account.facts, message, hint)

    if entry.id is not None and entry.state == "absent":
        meant = account.by_id.get(entry.id)
        if meant and meant.name != entry.name:
            raise refuse(
                "conflict",
                f"the domain with id {entry.id} is {meant.name}, not {entry.name}",
                "Nothing is deleted: correct the id or the name.",
            )
        others = account.named(entry.name)
        if meant is None and others:
            raise refuse(
                "conflict",
                f"{entry.name} has id {' and '.join(str(each.id) for each in others)}, not {entry.id}",
                "Nothing is deleted: correct the id or leave it out.",
            )
        return meant
    named = account.one(entry.name, entry)
    if entry.id is not None:
        meant = account.by_id.get(entry.id)
        if meant is None:
            raise refuse(
                "not_found",
                f"there is no tracking domain with id {entry.id}",
                "mailops.email.tracking_domain_info lists the ids; leave the option id out to add a "
                "new domain.",
            )
        if named and named.id != meant.id:
            raise refuse(
                "conflict",
                f"cannot rename {meant.name} (id {meant.id}): {entry.name} exists as well (id {named.id})",
                "Retire one of the two with state: absent first.",
            )
        return meant
    if entry.rename_from:
        old = account.one(entry.rename_from, entry)
        if old and named:
            raise refuse(
                "conflict",
                f"cannot rename {old.name}: {entry.name} exists as well",
                "Retire the old one with state: absent once nothing links to it.",
            )
        return old or named
    return named


def _spelled_out(domains: t.Iterable[TrackingDomain]) -> str:
    """Entries of one name, each by what tells it from the others."""
    return " and ".join(
        quoted(domain.spelling or domain.name) + ("" if domain.id is None else f" (id {domain.id})")
        for domain in domains
    )


def _unresolved(
    code: str, entry: Wanted, facts: ProviderFacts, message: str, hint: str
) -> TrackingError:
    """Why it cannot be said which domain an entry means."""
    return TrackingError(
        code,
        message,
        operation=facts.operation("find", entry.name),
        provider=facts.name,
        hint=hint,
    )
