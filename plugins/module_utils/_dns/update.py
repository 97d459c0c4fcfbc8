# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Publishes and removes CNAMEs at the primary server of their zones, by dynamic update.

The server is queried for each name. Permitted changes are sent, all records of a zone in one message,
with prerequisites (RFC 2136, 2.4), so that the server itself refuses a change if the records have
changed since. Then it is queried again. All I/O goes through a ``Connection``.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import time
import typing as t
import uuid
from dataclasses import dataclass, replace

from ansible_collections.mailops.email.plugins.module_utils._dns.changes import (
    ABSENT,
    CHANGE,
    DEFAULT_TTL,
    DNSSEC_TYPES,
    PRESENT,
    UNCHANGED,
    Decision,
    FoundRecord,
    Record,
    decide,
    listed,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.client import (
    DNS_IMPORT_ERROR,
    authority_owner,
    to_text,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.primary import PrimaryError
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import same_name

if DNS_IMPORT_ERROR is None:
    import dns.flags
    import dns.message
    import dns.name
    import dns.rcode
    import dns.rdatatype
    import dns.update

# The values of ``records[].status``: a contract, documented in the module's return values.
CHANGED, FAILED = "changed", "failed"

# What is asked for where a name has no CNAME; ANY for what else there may be.
_OTHER_TYPES = ("A", "AAAA", "MX", "TXT", "NS", "DNAME", "ANY")
# Answers that say that a prerequisite did not hold.
_PREREQUISITE_FAILED = ("YXDOMAIN", "YXRRSET", "NXRRSET", "NXDOMAIN")
# Answers that are the same for every record of the zone.
_ZONE_WIDE = ("NOTAUTH", "NOTIMP", "NOTZONE")
# Seconds between looks at what the server has made of an update: at once, most often.
_PAUSES = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0)

Message = t.Any  # dns.message.Message: its library may be missing


class Connection(t.Protocol):
    """What is needed of a ``Connection``."""

    @property
    def title(self) -> str:
        """The server in words."""

    @property
    def key(self) -> str:
        """The name of the key in words."""

    @property
    def signed(self) -> bool:
        """Whether messages are signed."""

    @property
    def max_message_size(self) -> int:
        """In bytes."""

    def exchange(self, messages: t.Sequence[Message]) -> list[Message]:
        """Send the messages, and give their answers in the same order."""


@dataclass(frozen=True)
class NameState:
    """The records that the server shows at a name.

    :param found: nothing, where ``error`` says why.
    :param zone: the longest of the server's zones that holds the name.
    :param wildcard: the answer is that of a wildcard.
    """

    found: tuple[FoundRecord, ...] = ()
    zone: str | None = None
    wildcard: bool = False
    error: TrackingError | None = None


@dataclass(frozen=True)
class RecordOutcome:
    """The result for a record.

    :param status: ``changed`` (in check mode: would be), ``unchanged`` or ``failed``.
    :param before: what stood at the name; None where that is not known.
    :param after: what stands there (in check mode: would stand); None where that is not known.
    :param message: for people, a sentence.
    """

    record: Record
    status: str
    zone: str | None
    before: tuple[FoundRecord, ...] | None
    after: tuple[FoundRecord, ...] | None
    message: str
    error: TrackingError | None = None

    def as_result(self) -> dict[str, t.Any]:
        return {
            "name": self.record.name,
            "type": "CNAME",
            "value": self.record.value,
            "state": self.record.state,
            "zone": self.zone,
            "status": self.status,
            "before": [each.as_result() for each in self.before or ()],
            "found": [each.as_result() for each in self.after or ()],
            "msg": self.message,
            "failure": self.error.as_failure() if self.error else None,
        }


class Updater:
    """Brings the records of one server to what is declared.

    :param check_mode: ask and predict, send no update.
    :param confirm_timeout: seconds to wait until the server shows what it has accepted.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        check_mode: bool = False,
        confirm_timeout: float = 10.0,
        clock: t.Callable[[], float] = time.monotonic,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self._connection = connection
        self._check_mode = check_mode
        self._confirm_timeout = confirm_timeout
        self._clock = clock
        self._sleep = sleep
        self._records: dict[str, Record] = {}
        self._before: dict[str, NameState] = {}
        # The last state of the names whose change the server has not accepted yet.
        self._latest: dict[str, NameState] = {}
        self._accepted: set[str] = set()
        self._outcomes: dict[str, RecordOutcome] = {}

    def run(self, records: t.Sequence[Record]) -> list[RecordOutcome]:
        """The result for each, in the order given; errors of the server are in the results."""
        self._records = {record.name: record for record in records}
        self._before, self._latest, self._accepted, self._outcomes = {}, {}, set(), {}
        try:
            self._run()
        except PrimaryError as error:
            for record in self._records.values():
                if record.name not in self._outcomes:
                    self._fail(record, self._in_context(error, record))
        return [self._outcomes[record.name] for record in records]

    def _run(self) -> None:
        self._before = self._read_names(list(self._records.values()))
        self._latest = dict(self._before)
        zones: dict[str, list[Record]] = {}
        for record in self._records.values():
            state = self._before[record.name]
            error = state.error or self._zone_error(record, state)
            if error:
                self._fail(record, error, state)
                continue
            decision = decide(record, state.found, wildcard=state.wildcard)
            if decision.verdict == CHANGE and state.zone:
                zones.setdefault(state.zone, []).append(record)
            else:
                self._leave(record, decision, state)
        if self._check_mode:
            for record in (each for zone in zones.values() for each in zone):
                self._predict(record)
            return
        sent: list[Record] = []
        for zone, pending in zones.items():
            sent += self._send(zone, pending)
        self._confirm(sent)

    # --- looking -----------------------------------------------------------------------------

    def _read_names(self, records: t.Sequence[Record]) -> dict[str, NameState]:
        """The records that are at the names now."""
        names = {record.name: dns.name.from_text(record.name) for record in records}
        answers = self._ask([(name, "CNAME") for name in names.values()])
        states: dict[str, NameState] = {}
        others = []
        for record, answer in zip(records, answers):
            state = self._parse(record, names[record.name], answer)
            states[record.name] = state
            if not state.error and not state.found and answer.rcode() == dns.rcode.NOERROR:
                others.append(record)
        self._read_other_types(others, names, states)
        self._find_zones(records, names, states)
        self._find_wildcards(records, names, states)
        return states

    def _read_other_types(
        self,
        records: t.Sequence[Record],
        names: t.Mapping[str, t.Any],
        states: dict[str, NameState],
    ) -> None:
        """Other types at names without a CNAME."""
        questions = [(names[each.name], kind) for each in records for kind in _OTHER_TYPES]
        found: dict[str, list[FoundRecord]] = {}
        for (name, _kind), answer in zip(questions, self._ask(questions)):
            there = found.setdefault(to_text(name), [])
            there += [each for each in _found(answer, name) if each not in there]
        for name, there in found.items():
            states[name] = replace(states[name], found=tuple(there))

    def _find_zones(
        self,
        records: t.Sequence[Record],
        names: t.Mapping[str, t.Any],
        states: dict[str, NameState],
    ) -> None:
        """The zones of names whose answers did not tell them: those that have a CNAME."""
        known: dict[t.Any, str | None] = {}
        wanted = {
            name: names[name].parent()
            for name in (record.name for record in records)
            if states[name].zone is None and not states[name].error
        }
        asked = list(dict.fromkeys(wanted.values()))
        while asked:
            answers = self._ask([(name, "SOA") for name in asked])
            upwards = []
            for name, answer in zip(asked, answers):
                known[name] = _zone_in(answer, name)
                # Behind a CNAME, it is another name's zone.
                if known[name] is None and len(name) > 2:
                    upwards.append(name.parent())
            asked = [name for name in dict.fromkeys(upwards) if name not in known]
        for name, parent in wanted.items():
            while known.get(parent) is None and parent.parent() in known:
                parent = parent.parent()
            zone, error = known.get(parent), None
            if zone is None:
                error = self._error(
                    "not_found",
                    f"the DNS server {self._connection.title} does not show the zone of the name",
                    "Ask the primary server of the zone.",
                )
            states[name] = replace(states[name], zone=zone, error=error)

    def _find_wildcards(
        self,
        records: t.Sequence[Record],
        names: t.Mapping[str, t.Any],
        states: dict[str, NameState],
    ) -> None:
        """Whether a wildcard answers: a random name that cannot be published gets the same answer."""
        label = f"mailops-{uuid.uuid4().hex[:16]}"
        kinds: dict[str, list[str]] = {}
        for record in records:
            state = states[record.name]
            there = [each for each in state.found if each.type not in DNSSEC_TYPES]
            if state.error or not there:
                continue
            if decide(record, there).verdict != UNCHANGED:
                kinds[record.name] = sorted({each.type for each in there})
        asked = list(
            dict.fromkeys(
                (names[name].parent(), kind) for name, types in kinds.items() for kind in types
            )
        )
        if not asked:
            return
        answers = self._ask([(dns.name.from_text(label, parent), kind) for parent, kind in asked])
        beside = {
            question: {(each.type, each.value) for each in _found(answer, None)}
            for question, answer in zip(asked, answers)
        }
        for name, types in kinds.items():
            there_at = {
                (each.type, each.value)
                for each in states[name].found
                if each.type not in DNSSEC_TYPES
            }
            others: set[tuple[str, str]] = set()
            for kind in types:
                others |= beside[(names[name].parent(), kind)]
            if others and there_at <= others:
                states[name] = replace(states[name], wildcard=True)

    def _ask(self, questions: t.Sequence[tuple[t.Any, str]]) -> list[Message]:
        queries = []
        for name, kind in questions:
            query = dns.message.make_query(name, kind, use_edns=0, payload=1232)
            query.flags &= ~dns.flags.RD
            queries.append(query)
        return self._connection.exchange(queries) if queries else []

    def _parse(self, record: Record, name: t.Any, answer: Message) -> NameState:
        """What the answer to a question for a CNAME says."""
        code = dns.rcode.to_text(answer.rcode())
        if code not in ("NOERROR", "NXDOMAIN"):
            return NameState(error=self._query_refused(record, code))
        if not answer.flags & dns.flags.AA:
            cut = _owner(answer, "NS", name)
            if cut is not None and not answer.answer:
                return NameState(error=self._delegated(record, cut))
            return NameState(
                error=self._error(
                    "not_found",
                    f"the DNS server {self._connection.title} serves no zone that holds the name",
                    "Ask the primary server of the zone.",
                )
            )
        dname = next((each for each in answer.answer if each.rdtype == dns.rdatatype.DNAME), None)
        if dname is not None:
            return NameState(
                error=self._error(
                    "conflict",
                    f"{record.name} is below {to_text(dname.name)}, which has a DNAME: no record "
                    "is possible there",
                    "Choose a name elsewhere.",
                )
            )
        found = tuple(each for each in _found(answer, name) if each.type == "CNAME")
        # After a CNAME, the zone in the answer is that of another name.
        zone = None if found else _owner(answer, "SOA", name)
        if zone is not None and same_name(zone, record.name):
            return NameState(
                zone=zone,
                error=self._error(
                    "conflict",
                    f"{record.name} is a zone of its own, where a CNAME is not possible",
                    "Choose a name below it.",
                ),
            )
        return NameState(found, zone)

    # --- sending -----------------------------------------------------------------------------

    def _send(self, zone: str, pending: list[Record]) -> list[Record]:
        """Send the changes of a zone; return those that the server has accepted.

        As much as goes into a message; where the server refuses one, less, until those are found that
        it refuses.
        """
        sent: list[Record] = []
        pending = list(pending)
        limit = len(pending)
        while pending:
            batch, message = self._build_message(zone, pending[:limit])
            (answer,) = self._connection.exchange([message])
            code = dns.rcode.to_text(answer.rcode())
            if code == "NOERROR":
                sent += batch
                self._accepted.update(record.name for record in batch)
                pending = pending[len(batch) :]
                limit *= 2
                continue
            if code in _ZONE_WIDE or (code == "REFUSED" and not self._connection.signed):
                for record in pending:
                    self._fail(record, self._update_refused(zone, code))
                break
            settled = self._recheck(batch, code) if code in _PREREQUISITE_FAILED else []
            if not settled and len(batch) == 1:
                self._fail_refused(zone, batch[0], code)
                settled = batch
            if settled:
                pending = [record for record in pending if record not in settled]
                limit = limit if len(batch) > 1 else 1
            else:
                limit = len(batch) // 2
        return sent

    def _recheck(self, batch: t.Sequence[Record], code: str) -> list[Record]:
        """Those of a refused message that are not permitted any more; they are settled."""
        now = self._read_names(batch)
        settled = []
        for record in batch:
            state = now[record.name]
            if state.error:
                self._fail(record, state.error, state)
            else:
                decision = decide(record, state.found, wildcard=state.wildcard)
                if decision.verdict == CHANGE:
                    self._latest[record.name] = state
                    continue
                self._leave(record, decision, state)
            settled.append(record)
        return settled

    def _build_message(
        self, zone: str, records: t.Sequence[Record]
    ) -> tuple[list[Record], Message]:
        """One message with as many of the records as it holds, at least one; and which those are."""
        message = dns.update.UpdateMessage(dns.name.from_text(zone))
        batch: list[Record] = []
        size = 12 + len(zone) + 6
        for record in records:
            name = dns.name.from_text(record.name)
            target = f"{record.value}."
            state = self._latest[record.name]
            ours = not state.wildcard and any(
                each.type == "CNAME" and same_name(each.value, record.value) for each in state.found
            )
            # Uncompressed: at most five entries, each a name and ten octets, and three targets.
            entries, targets = (
                (5, 1) if record.overwrite and not ours else (3, 3) if ours else (2, 1)
            )
            size += entries * (len(record.name) + 12) + targets * (len(target) + 1)
            if batch and size > self._connection.max_message_size:
                break
            batch.append(record)
            if ours or record.state == ABSENT:
                message.present(name, "CNAME", target)
                message.delete(name, "CNAME", target)
            elif record.overwrite:
                message.absent(name, "SOA")
                message.absent(name, "NS")
                message.absent(name, "DNAME")
                message.delete(name)
            else:
                message.absent(name)
            if record.state == PRESENT:
                ttl = DEFAULT_TTL if record.ttl is None else record.ttl
                message.add(name, ttl, "CNAME", target)
        return batch, message

    def _fail_refused(self, zone: str, record: Record, code: str) -> None:
        """The server refuses this very record, and its answers do not show why."""
        now = self._read_names([record])[record.name]
        if code not in _PREREQUISITE_FAILED:
            self._fail(record, self._update_refused(zone, code), now)
        elif record.state == ABSENT and _took_effect(record, now):
            self._succeed(record, UNCHANGED, now, "The server says that the record does not exist.")
        else:
            shown = listed(now.found) or "a record that it does not show"
            self._fail(
                record,
                self._error(
                    "conflict",
                    f"the DNS server {self._connection.title} refuses the change ({code}): the name has {shown}",
                    "Check the zone on the server itself.",
                ),
                now,
            )

    # --- looking at what was sent ------------------------------------------------------------

    def _confirm(self, sent: t.Sequence[Record]) -> None:
        """Say ``changed`` of what the server shows to be so."""
        waiting = list(sent)
        end = self._clock() + self._confirm_timeout
        pauses = iter(_PAUSES)
        while waiting:
            now = self._read_names(waiting)
            left = []
            for record in waiting:
                state = now[record.name]
                if _took_effect(record, state):
                    self._succeed(record, CHANGED, state, self._describe_change(record))
                else:
                    left.append(record)
            waiting = left
            pause = next(pauses, _PAUSES[-1])
            if waiting and self._clock() + pause > end:
                for record in waiting:
                    self._fail_unconfirmed(record, now[record.name])
                break
            if waiting:
                self._sleep(pause)

    def _fail_unconfirmed(self, record: Record, now: NameState) -> None:
        shown = listed(now.found) or "no record"
        self._fail(
            record,
            now.error
            or self._error(
                "bad_response",
                f"the DNS server {self._connection.title} accepted the change, but the name has {shown}",
                "Use the primary server itself: a server that forwards updates shows them later.",
            ),
            now,
        )

    def _describe_change(self, record: Record) -> str:
        before = self._before[record.name]
        there = () if before.wildcard else before.found
        would = "would be " if self._check_mode else ""
        if record.state == ABSENT:
            done = f"{would}removed."
        elif not there:
            done = f"{would}published."
        else:
            done = f"{would}published in place of {listed(there)}."
        return done[0].upper() + done[1:]

    # --- outcomes ----------------------------------------------------------------------------

    def _predict(self, record: Record) -> None:
        before = self._before[record.name]
        after: tuple[FoundRecord, ...] = ()
        if record.state == PRESENT:
            ttl = DEFAULT_TTL if record.ttl is None else record.ttl
            after = (FoundRecord("CNAME", record.value, ttl),)
        self._succeed(record, CHANGED, replace(before, found=after), self._describe_change(record))

    def _leave(self, record: Record, decision: Decision, state: NameState) -> None:
        """A record that is left as it is."""
        if decision.verdict == UNCHANGED:
            self._succeed(record, UNCHANGED, state, f"Nothing to do: {decision.why}.")
        else:
            self._fail(record, self._error("conflict", decision.why, decision.hint), state)

    def _succeed(self, record: Record, status: str, state: NameState, message: str) -> None:
        before = self._before[record.name]
        self._outcomes[record.name] = RecordOutcome(
            record, status, before.zone, before.found, state.found, message
        )

    def _fail(self, record: Record, error: TrackingError, state: NameState | None = None) -> None:
        if not error.operation:
            verb = "publish" if record.state == PRESENT else "remove"
            error = error.copied(operation=f"{verb} {record.name} CNAME {record.value}")
        before = self._before.get(record.name)
        self._outcomes[record.name] = RecordOutcome(
            record,
            FAILED,
            before.zone if before else record.zone,
            before.found if before else None,
            state.found if state else (before.found if before else None),
            error.reason,
            error,
        )

    # --- errors ------------------------------------------------------------------------------

    @staticmethod
    def _error(code: str, message: str, hint: str | None = None) -> TrackingError:
        return TrackingError(code, message, hint=hint)

    def _in_context(self, error: PrimaryError, record: Record) -> TrackingError:
        """The same, and for which zone and key."""
        before = self._before.get(record.name)
        zone = (before.zone if before else None) or record.zone
        of = (
            f"zone {zone}, {self._connection.key}"
            if zone
            else f"zone not yet known, {self._connection.key}"
        )
        message = f"{error.message} ({of})"
        if record.name in self._accepted:
            message += "; it had accepted the change, but the result is not known"
        return TrackingError(error.code, message, hint=error.hint)

    def _zone_error(self, record: Record, state: NameState) -> TrackingError | None:
        """A zone that was given and is not there; a longer one that the server has counts more."""
        given, zone = record.zone, state.zone or ""
        if given is None or same_name(zone, given) or zone.endswith(f".{given}"):
            return None
        return self._error(
            "validation",
            f"the DNS server {self._connection.title} has no zone {given}: there the name is in "
            f"the zone {zone}",
            f"Give the zone {zone}, or leave it out.",
        )

    def _delegated(self, record: Record, cut: str) -> TrackingError:
        return self._error(
            "conflict",
            f"the name is in the zone {cut}, which the DNS server {self._connection.title} delegates to "
            "other servers",
            f"Send the update to the primary server of {cut}.",
        )

    def _query_refused(self, record: Record, code: str) -> TrackingError:
        """A question that the server does not answer."""
        of = f"zone {record.zone}, {self._connection.key}" if record.zone else self._connection.key
        if code in ("REFUSED", "NOTAUTH"):
            key = (
                "" if self._connection.signed else " Set key_name and key_secret if it wants a key."
            )
            return self._error(
                "not_found",
                f"the DNS server {self._connection.title} does not answer questions about the name ({code}; "
                f"{of}): it serves no zone that holds it, or does not answer this key or address",
                "Check that this is the zone's primary server, and that it allows queries from "
                "this host." + key,
            )
        return self._error(
            "bad_response",
            f"the DNS server {self._connection.title} failed to answer for the name ({code}; {of})",
            "Check the server's log.",
        )

    def _update_refused(self, zone: str, code: str) -> TrackingError:
        """An update that the server does not take."""
        of = f"the DNS server {self._connection.title} does not accept the update of zone {zone}"
        if code in ("REFUSED", "NOTAUTH") and not self._connection.signed:
            return self._error(
                "authentication",
                f"{of} ({code}): it was sent without a key",
                "Set key_name and key_secret of a key that may update the zone.",
            )
        if code == "REFUSED":
            return self._error(
                "authentication",
                f"{of} ({code}): the {self._connection.key} is not allowed to change this",
                "Allow it in the server's configuration (BIND: allow-update or update-policy; "
                "Knot: "
                "an acl of the zone with action: update).",
            )
        if code == "NOTAUTH":
            return self._error(
                "authentication",
                f"{of} ({code}): it is not the zone's primary server, or the "
                f"{self._connection.key} is not allowed to update the zone",
                "Send updates to the primary server, and allow them there for this key.",
            )
        if code == "NOTZONE":
            return self._error(
                "validation", f"{of} ({code}): a name is not in the zone", "Correct the zone."
            )
        if code == "NOTIMP":
            return self._error(
                "unsupported",
                f"{of} ({code}): it does not support dynamic updates, or they are switched off",
                "Switch them on, or use another DNS back end.",
            )
        return self._error("bad_response", f"{of} ({code})", "Check the server's log.")


def _took_effect(record: Record, state: NameState) -> bool:
    """Whether what was sent is to be seen."""
    if state.error:
        return False
    there = [each for each in state.found if each.type not in DNSSEC_TYPES]
    if record.state == ABSENT:
        return state.wildcard or not any(
            each.type == "CNAME" and same_name(each.value, record.value) for each in there
        )
    return decide(record, there).verdict == UNCHANGED


def _found(answer: Message, name: t.Any) -> list[FoundRecord]:
    """The records of an answer at ``name``; None: at the name that was asked for."""
    if answer.rcode() != dns.rcode.NOERROR or not answer.question:
        return []
    owner = answer.question[0].name if name is None else name
    found = []
    for rrset in answer.answer:
        if rrset.name != owner:
            continue
        kind = dns.rdatatype.to_text(rrset.rdtype)
        for rdata in rrset:
            value = rdata.to_text()
            if kind == "HINFO" and "RFC8482" in value:
                continue  # in place of an answer to ANY
            if kind == "CNAME":
                value = to_text(rdata.target)
            found.append(FoundRecord(kind, value, rrset.ttl))
    return found


def _owner(answer: Message, kind: str, name: t.Any) -> str | None:
    owner = authority_owner(answer, kind, name)
    return None if owner is None else to_text(owner)


def _zone_in(answer: Message, name: t.Any) -> str | None:
    """The zone that the answer to a question for an SOA record tells."""
    if not answer.flags & dns.flags.AA:
        return None
    for rrset in answer.answer:
        if rrset.rdtype == dns.rdatatype.SOA and rrset.name == name:
            return to_text(name)
    if answer.answer:
        return None
    return _owner(answer, "SOA", name)
