# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who sends mail with a domain: bound once it is verified, moved before it goes. Private to this collection.

Senders are read only where some are declared, or where a domain that the account has is to go.
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils._names import few
from ansible_collections.mailops.email.plugins.module_utils._text import readable
from ansible_collections.mailops.email.plugins.plugin_utils._role.context import (
    Context,
    nothing_done,
    why_nothing_done,
)
from ansible_collections.mailops.email.plugins.plugin_utils._role.verify import will_be_right

Data = t.Dict[str, t.Any]


def bind_declared(context: Context) -> None:
    """Bind the declared senders of domains that have been verified since the first step."""
    run = context.run
    missing = {}
    for entry in context.declared.present:
        name, domain = entry["name"], run.by_name.get(entry["name"], {})
        users = domain.get("senders") or ()
        left = [each for each in entry.get("senders") or () if each not in users]
        if left and will_be_right(context, name):
            missing[name] = left
    if run.check_mode:
        for name, senders in missing.items():
            _would_bind(context, name, senders)
    elif missing:
        _converge(
            context,
            {"domains": [{"name": name, "senders": left} for name, left in missing.items()]},
        )


def move_from_replaced(context: Context) -> None:
    """Have the senders of what goes use the domain that replaces it, the first one where there are several."""
    run = context.run
    for entry in context.declared.absent:
        if entry.replaced_by and entry.name not in run.waiting and _counts(context, entry.name):
            run.takes_over.setdefault(entry.replaced_by[0], []).append(entry.name)
    # In check mode one that is not right yet has no senders: see `keep_used`.
    able = {name: old for name, old in run.takes_over.items() if run.is_right(name)}
    if not able:
        return
    options = {"domains": [{"name": name} for name in able], "_takes_over": able}
    result = _converge(context, options)
    if nothing_done(result):
        for name, replaced in able.items():
            why = f"its senders could not be moved to {name}: {why_nothing_done(result)}"
            run.stuck.update(dict.fromkeys(replaced, why))


def of_senders(context: Context, failure: t.Mapping[str, t.Any]) -> bool:
    """Whether a call for senders failed: who has no permission for that may do the rest."""
    operation = str(failure.get("operation") or "")
    noun = context.settings.facts.sender_noun
    return "bind senders" in operation or bool(noun and noun in operation)


def moved_by_then(context: Context) -> Data:
    """Tells ``tracking_domains`` in check mode whose senders would use another domain by then."""
    return {"_takes_over": context.run.takes_over} if context.run.check_mode else {}


def may_be_used(context: Context, names: t.Iterable[str]) -> bool:
    """Whether senders have to be read before these go."""
    run = context.run
    return any(name not in run.waiting and _counts(context, name) for name in names)


def keep_used(context: Context, present: t.Mapping[str, Data], names: t.Iterable[str]) -> None:
    """Keep what a sender still uses, with its record: links in its mail would break.

    :param present: what the account has, by name, with ``senders`` where these were read.
    """
    run = context.run
    replaced = {old: name for name, several in run.takes_over.items() for old in several}
    for name in names:
        if name in run.waiting:
            continue
        users = present.get(name, {}).get("senders") or []
        replacement = replaced.get(name)
        if run.check_mode:
            users = _not_foretold(context, name, users)
        if users and replacement and run.check_mode and replacement not in run.failed():
            _would_bind(context, replacement, users)
        elif users and context.dangling_of(name) == "fail":
            run.stuck.setdefault(name, _still_used(context, users, replacement))
        elif replacement in run.failed():
            why = f"{replacement}, which takes its senders over, is not right"
            run.stuck.setdefault(name, why)


def _not_foretold(context: Context, name: str, users: t.Sequence[str]) -> list[str]:
    """Of those that use a domain in check mode, those that would not use another one by now."""
    run = context.run
    left = list(users)
    for action in run.actions:
        moved = [each for each in left if each in action.get("bound", ())]
        left = [each for each in left if each not in moved]
        if moved and name not in run.takes_over.get(action["name"], ()):
            run.takes_over.setdefault(action["name"], []).append(name)
    return left


def _still_used(context: Context, users: t.Sequence[str], replacement: str | None) -> str:
    noun = context.settings.facts.sender_noun
    text = readable(f"it is used by the {noun} {few(users)}")
    if replacement:
        return f"{text}, which could not be bound to {replacement}. Record and domain stay."
    return (
        f"{text}: links in their mail would break. Record and domain stay. Bind them to another domain "
        "with senders in its entry, or name the domain that takes over in replaced_by; or set "
        "tracking_domain_dangling to warn or ignore."
    )


def _counts(context: Context, name: str) -> bool:
    """Whether it matters who uses it: the account may have it, and nobody said to go on regardless."""
    others = context.run.others
    return (
        context.settings.facts.has_senders
        and context.dangling_of(name) != "ignore"
        and (others is None or name in others)
    )


def _would_bind(context: Context, name: str, senders: t.Sequence[str]) -> None:
    """Note what a run would bind once the domain is verified, which check mode cannot have."""
    if not senders:
        return
    context.changed = True
    nothing_else = dict.fromkeys(("renamed_from", "reason", "done", "failure"))
    flags = dict.fromkeys(("was_verified", "final", "uploaded"), False)
    action = {"name": name, "action": "updated", "changed": True, "bound": list(senders)}
    context.run.take({"actions": [{**nothing_else, **flags, **action}]})


def _converge(context: Context, options: Data) -> Data:
    result = context.converge(options)
    context.warn_of(result)
    context.run.take(result)
    return result
