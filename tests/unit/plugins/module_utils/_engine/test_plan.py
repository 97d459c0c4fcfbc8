# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wanted and what is there, to what has to be done."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils._certificates.bundle import (
    CertificateBundle,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.plan import (
    Plan,
    Step,
    check_purge_limit,
    check_wanted,
    make_plan,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.wanted import Wanted
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import name_patterns
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import TrackingDomain
from ansible_collections.mailops.email.tests.unit.doubles import (
    CLEAN,
    CLOUD,
    domain,
    window,
)

A, B, C = "a.example.com", "b.example.com", "c.example.com"


def certificate(**given: int) -> CertificateBundle:
    return CertificateBundle(
        certificate="PEM", private_key="KEY", validity=window(**given), names=(A,)
    )


def plan(
    *wanted: Wanted, present: list[TrackingDomain] | None = None, facts: Any = CLOUD, **more: Any
) -> Plan:
    check_wanted(wanted, facts)
    return make_plan(wanted, present or [], facts, **more)


def step(wanted: Wanted, *present: TrackingDomain, **more: Any) -> Step:
    """The one step for one entry."""
    return plan(wanted, present=list(present), **more).declared[0]


def unmanaged(made: Plan) -> tuple[str, ...]:
    return tuple(each.name for each in made.unmanaged)


# --- one domain ----------------------------------------------------------------------------------

OLD = domain(A, 1)
CERTIFIED = domain(A, 1, certificate=window())
NEW_CERTIFICATE = certificate(days=200)


@pytest.mark.parametrize(
    ("wanted", "present", "action", "write"),
    [
        (Wanted(A), [], "created", "add"),
        (Wanted(A), [OLD], "unchanged", None),
        (Wanted(A), [domain(B, 2)], "created", "add"),
        (Wanted(A, state="absent"), [OLD], "deleted", "delete"),
        (Wanted(A, state="absent"), [], "unchanged", None),
        (Wanted(A, state="absent"), [domain(f"x{A}", 2)], "unchanged", None),
        # by id
        (Wanted(A, id=1), [OLD], "unchanged", None),
        (Wanted(B, id=1), [OLD], "renamed", "update"),
        (Wanted(A, id=1, state="absent"), [OLD], "deleted", "delete"),
        (Wanted(A, id=1, state="absent"), [], "unchanged", None),
        # by the old name
        (Wanted(B, rename_from=A), [OLD], "renamed", "update"),
        (Wanted(B, rename_from=A), [domain(B, 1)], "unchanged", None),
        (Wanted(B, rename_from=A), [], "created", "add"),
        # certificates
        (Wanted(A, certificate=certificate()), [], "created", "add"),
        (Wanted(A, certificate=certificate()), [OLD], "updated", "update"),
        (Wanted(A, certificate=certificate()), [CERTIFIED], "unchanged", None),
        (Wanted(A, certificate=NEW_CERTIFICATE), [CERTIFIED], "updated", "update"),
        (
            Wanted(A, certificate=certificate(), certificate_update="always"),
            [CERTIFIED],
            "updated",
            "update",
        ),
        # The window decides: https may well wait for the CNAME.
        (Wanted(A, certificate=certificate()), [CERTIFIED.but(https=False)], "unchanged", None),
        (Wanted(B, id=1, certificate=NEW_CERTIFICATE), [CERTIFIED], "renamed", "update"),
        (Wanted(B, id=1, certificate=certificate()), [CERTIFIED], "renamed", "update"),
        (Wanted(A), [CERTIFIED], "unchanged", None),  # one that is there is never taken away
    ],
)
def test_what_has_to_be_done(
    wanted: Wanted, present: list[TrackingDomain], action: str, write: str | None
) -> None:
    done = step(wanted, *present)
    assert (done.action, done.write, done.error) == (action, write, None)
    assert done.rename == (action == "renamed")


@pytest.mark.parametrize(
    ("wanted", "present", "upload"),
    [
        (Wanted(A, certificate=certificate()), [], True),
        (Wanted(B, id=1, certificate=NEW_CERTIFICATE), [CERTIFIED], True),
        (Wanted(B, id=1, certificate=certificate()), [CERTIFIED], False),
        (Wanted(A), [OLD], False),
    ],
)
def test_a_certificate_travels_with_the_write_where_it_is_needed(
    wanted: Wanted, present: list[TrackingDomain], upload: bool
) -> None:
    assert step(wanted, *present).upload is upload


@pytest.mark.parametrize(
    ("wanted", "present", "code", "says"),
    [
        (Wanted(B, id=9), [OLD], "not_found", "no tracking domain with id 9"),
        (Wanted(B, id=1), [OLD, domain(B, 2)], "conflict", "b.example.com exists as well (id 2)"),
        (Wanted(B, rename_from=A), [OLD, domain(B, 2)], "conflict", "exists as well"),
        (Wanted(B, id=1, state="absent"), [OLD], "conflict", "with id 1 is a.example.com, not b"),
        (Wanted(A, id=9, state="absent"), [OLD], "conflict", "a.example.com has id 1, not 9"),
    ],
)
def test_what_cannot_be_done(
    wanted: Wanted, present: list[TrackingDomain], code: str, says: str
) -> None:
    refused = step(wanted, *present)
    assert (refused.action, refused.write) == ("failed", None)
    assert refused.error is not None
    assert refused.error.code == code
    assert says in str(refused.error)
    assert refused.error.hint


def test_an_entry_with_a_problem_is_left_alone() -> None:
    problem = TrackingError("validation", "the certificate has expired")
    refused = step(Wanted(A, problem=problem), OLD)
    assert (refused.write, refused.before, refused.error) == (None, OLD, problem)


# --- what it will be like ------------------------------------------------------------------------


def after(wanted: Wanted, *present: TrackingDomain) -> TrackingDomain | None:
    return step(wanted, *present).after(CLOUD, "target.net")


def test_a_new_domain_is_foretold() -> None:
    made = after(Wanted(A, certificate=certificate()))
    assert made is not None
    assert (made.name, made.provider, made.target, made.verified) == (
        A,
        "sendcloud",
        "target.net",
        False,
    )
    assert (made.https, made.certificate, made.id) == (True, window(), None)


def test_a_rename_keeps_the_id_and_has_to_be_verified_again() -> None:
    made = after(Wanted(B, id=1), OLD.but(verified=True))
    assert made == OLD.but(name=B, verified=False)


def test_a_deletion_leaves_nothing_and_no_difference_leaves_it_be() -> None:
    assert after(Wanted(A, state="absent"), OLD) is None
    assert after(Wanted(A), OLD) == OLD


# --- a set ---------------------------------------------------------------------------------------


def test_steps_are_in_the_order_asked() -> None:
    made = plan(Wanted(C), Wanted(A), Wanted(B, state="absent"), present=[OLD, domain(B, 2)])
    assert [(each.wanted.name, each.action) for each in made.declared] == [
        (C, "created"),
        (A, "unchanged"),
        (B, "deleted"),
    ]


@pytest.mark.parametrize("entry", [Wanted(A), Wanted(A, state="absent"), Wanted(C, rename_from=A)])
def test_what_nobody_declared_is_always_told(entry: Wanted) -> None:
    present = [OLD, domain(B, 2), domain("Z.example.com".lower(), 3)]
    assert unmanaged(plan(entry, present=present)) == (B, "z.example.com")


def test_without_ids_too_what_nobody_declared_is_told() -> None:
    present = [domain(name, provider="sendclean") for name in (A, B, C)]
    made = plan(Wanted(A), present=present, facts=CLEAN, purge=True)
    assert unmanaged(made) == (B, C)
    assert [each.wanted.name for each in made.purge] == [B, C]


def test_a_domain_that_is_renamed_by_id_is_managed() -> None:
    assert plan(Wanted(B, id=1), present=[OLD]).unmanaged == ()


PRESENT = [OLD, domain(B, 2), domain("c.example.org", 3), domain("d.sub.example.org", 4)]


@pytest.mark.parametrize(
    ("exclude", "doomed"),
    [
        ([], [B, "c.example.org", "d.sub.example.org"]),
        (["*.example.org"], [B]),
        (["*.EXAMPLE.org."], [B]),
        (["?.example.org"], [B, "d.sub.example.org"]),
        (["[bc].example.*"], ["d.sub.example.org"]),
        (["b.example.com", "c.example.org"], ["d.sub.example.org"]),
        (["example.org"], [B, "c.example.org", "d.sub.example.org"]),  # whole names
        (["*"], []),
    ],
)
def test_a_purge_takes_the_rest_but_for_the_excluded(exclude: list[str], doomed: list[str]) -> None:
    made = plan(Wanted(A), present=PRESENT, purge=True, purge_exclude=name_patterns(exclude))
    assert [each.wanted.name for each in made.purge] == doomed
    assert {each.action for each in made.purge} <= {"deleted"}
    assert unmanaged(made) == (B, "c.example.org", "d.sub.example.org"), "told all the same"


def test_a_purge_is_guarded_as_the_task_says() -> None:
    made = plan(Wanted(A, dangling="ignore"), present=PRESENT, purge=True, purge_dangling="warn")
    assert made.declared[0].wanted.dangling == "ignore"
    assert [each.wanted.dangling for each in made.purge] == ["warn"] * 3


PROBLEM = TrackingError("validation", "expired")


@pytest.mark.parametrize(
    "entry",
    [
        Wanted(C, id=1, problem=PROBLEM),
        Wanted(C, rename_from=A, problem=PROBLEM),
        Wanted(B, id=1),  # refused: b exists as well
        Wanted(B, id=1, state="absent"),  # refused: it is a
    ],
)
def test_a_purge_spares_the_domain_of_an_entry_that_failed(entry: Wanted) -> None:
    made = plan(entry, present=[OLD, domain(B, 2)], purge=True)
    assert made.declared[0].error
    assert A not in [each.wanted.name for each in made.purge]


@pytest.mark.parametrize("limit", [2, 3, 4])
def test_a_purge_beyond_its_limit_is_refused_by_name(limit: int) -> None:
    made = plan(Wanted(A), present=PRESENT, purge=True)
    if limit >= 3:
        check_purge_limit(made, limit, CLOUD)
        return
    with pytest.raises(TrackingError) as caught:
        check_purge_limit(made, limit, CLOUD)
    assert caught.value.code == "purge_limit"
    text = str(caught.value)
    assert "3 tracking domains, more than purge_limit (2)" in text
    assert all(name in text for name in (B, "c.example.org", "d.sub.example.org"))
    assert "purge_exclude" in text


def test_declared_deletions_do_not_count_as_purged() -> None:
    made = plan(*(Wanted(each.name, state="absent") for each in PRESENT), present=PRESENT)
    check_purge_limit(made, 0, CLOUD)


@pytest.mark.parametrize(
    "other", [Wanted(A), Wanted(A, state="absent"), Wanted(A, certificate=certificate())]
)
@pytest.mark.parametrize("rename_first", [True, False])
def test_one_entry_renames_what_another_speaks_of(other: Wanted, rename_first: bool) -> None:
    """Both at once could delete what was just renamed. The rename is done, the other waits."""
    entries = [Wanted(B, id=1), other]
    made = plan(*(entries if rename_first else entries[::-1]), present=[OLD])
    by_name = {each.wanted.name: each for each in made.declared}
    assert by_name[B].action == "renamed"
    assert (by_name[A].action, by_name[A].write) == ("failed", None)
    assert by_name[A].error is not None
    assert by_name[A].error.code == "conflict"
    assert "renames a.example.com to b.example.com" in str(by_name[A].error)


def test_two_entries_rename_one_domain() -> None:
    made = plan(Wanted(B, id=1), Wanted(C, rename_from=A), present=[OLD])
    assert [each.action for each in made.declared] == ["renamed", "failed"]


# --- entries that become the same name -------------------------------------------------------------

TWINS = [domain(A, 1, spelling="A.example.com"), domain(A, 2, spelling=A, verified=True)]
CLEAN_TWINS = [domain(A, provider="sendclean", spelling=each) for each in ("A.example.com", A)]


@pytest.mark.parametrize(
    "entry",
    [
        Wanted(A),
        Wanted(A, certificate=certificate()),
        Wanted(A, state="absent"),
        Wanted(A, id=2),
        Wanted(A, rename_from=C),
        Wanted(C, rename_from=A),
    ],
)
def test_a_name_that_is_there_twice_is_a_conflict(entry: Wanted) -> None:
    made = plan(entry, present=[*TWINS, domain(B, 3)], purge=True)
    (step,) = made.declared
    assert (step.write, step.before) == (None, None), "nobody can say which is meant"
    assert step.error is not None
    assert step.error.code == "conflict"
    text = str(step.error)
    assert "2 entries of the name a.example.com: 'A.example.com' (id 1) and 'a.example.com'" in text
    assert "in SendCloud's panel, or with state: absent and its id" in text
    assert [each.wanted.name for each in made.purge] == [B]


@pytest.mark.parametrize("state", ["present", "absent"])
def test_without_ids_the_spellings_tell_them_apart(state: str) -> None:
    (step,) = plan(Wanted(A, state=state), present=CLEAN_TWINS, facts=CLEAN).declared
    assert step.error is not None
    assert step.error.code == "conflict"
    text = str(step.error)
    assert "a.example.com: 'A.example.com' and 'a.example.com'." in text
    assert "Delete the others in SendClean's panel; then run again." in text


def test_an_id_says_which_of_them_goes() -> None:
    (gone,) = plan(Wanted(A, id=1, state="absent"), present=TWINS).declared
    assert (gone.write, gone.before, gone.shares_name) == ("delete", TWINS[0], True)
    (alone,) = plan(Wanted(A, id=1, state="absent"), present=TWINS[:1]).declared
    assert (alone.write, alone.shares_name) == ("delete", False)
    (unknown,) = plan(Wanted(A, id=9, state="absent"), present=TWINS).declared
    assert unknown.error is not None
    assert "a.example.com has id 1 and 2, not 9" in str(unknown.error)


def test_an_id_says_which_of_them_is_renamed_and_the_other_is_nobody_s() -> None:
    made = plan(Wanted(C, id=1), present=TWINS, purge=True)
    assert (made.declared[0].action, made.declared[0].before) == ("renamed", TWINS[0])
    assert made.unmanaged == (TWINS[1],)
    assert [each.before for each in made.purge] == [TWINS[1]]


@pytest.mark.parametrize(("present", "facts"), [(TWINS, CLOUD), (CLEAN_TWINS, CLEAN)])
def test_a_purge_takes_each_of_them(present: list[TrackingDomain], facts: Any) -> None:
    made = plan(Wanted(B), present=present, facts=facts, purge=True)
    assert unmanaged(made) == (A, A)
    assert [each.before for each in made.purge] == present
    assert all(each.shares_name for each in made.purge)
    with pytest.raises(TrackingError, match="would delete 2 tracking domains"):
        check_purge_limit(made, 1, facts)


# --- before any call -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([Wanted(A), Wanted(B), Wanted(A)], "more than once: a.example.com"),
        ([Wanted(A), Wanted(A, state="absent")], "more than once: a.example.com"),
        ([Wanted(B, rename_from=A), Wanted(A)], "more than once: a.example.com"),
        ([Wanted(B, rename_from=A), Wanted(C, rename_from=A)], "more than once: a.example.com"),
        ([Wanted(A, id=1), Wanted(B, id=1)], "more than once: 1"),
        ([Wanted(B, id=1, rename_from=A)], "id and rename_from cannot be used together"),
        ([Wanted(A, rename_from=A)], "rename_from is its own name"),
        ([Wanted(B, rename_from=A, state="absent")], "only possible with state: present"),
    ],
)
def test_contradictions_are_refused(entries: list[Wanted], says: str) -> None:
    with pytest.raises(TrackingError) as caught:
        check_wanted(entries, CLOUD)
    assert caught.value.code == "validation"
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (Wanted(B, rename_from=A), "Declare b.example.com as a new domain"),
        (Wanted(A, id=1), "Leave the option id out"),
    ],
)
def test_what_a_provider_cannot_serve_is_unsupported_with_the_way_to_go(
    entry: Wanted, says: str
) -> None:
    with pytest.raises(TrackingError) as caught:
        check_wanted([entry], CLEAN)
    assert caught.value.code == "unsupported"
    assert says in str(caught.value)


def test_the_same_input_gives_the_same_plan() -> None:
    entries = (Wanted(B, id=1, certificate=certificate()), Wanted(C))
    assert plan(*entries, present=PRESENT[:1]) == plan(*entries, present=PRESENT[:1])
