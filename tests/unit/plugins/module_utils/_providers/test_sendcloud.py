# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendCloud's five calls: exactly what is sent, and every answer that its documents let through."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils._certificates.bundle import (
    CertificateBundle,
    load_bundle,
)
from ansible_collections.mailops.email.plugins.module_utils._errors import (
    TrackingError,
    UnclearOutcome,
)
from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.plugins.module_utils._providers.sendcloud import (
    REGIONS,
    SendCloud,
)
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import (
    Sender,
    Validity,
)
from ansible_collections.mailops.email.tests.sandbox import SandboxAccount
from ansible_collections.mailops.email.tests.support.certificates import Authority, now
from ansible_collections.mailops.email.tests.unit.doubles import CLOUD, Wire, domain

ACCOUNT = {"api_user": "me", "api_key": "s3cr3t-key"}
FORM = {"apiUser": "me", "apiKey": "s3cr3t-key"}
NAME = "t.example.com"
ONE, TWO = domain(NAME, 1), domain("u.example.com", 2)
UTC_8 = timezone(timedelta(hours=8))


class Cloud:
    """A client whose network is a script; every call carries the credentials in its form."""

    def __init__(self, made: Wire) -> None:
        self.wire = made
        self.client = SendCloud(made.http, ACCOUNT)

    def expect(
        self, action: str, *, info: Any = None, answer: Any = None, status: int = 200, **more: str
    ) -> None:
        if answer is None:
            answer = {"result": True, "statusCode": 200, "message": "ok", "info": info}
        form = {**FORM, **more}
        path = action if "/" in action else f"trackDomain/{action}"
        self.wire.script.expect(path, form=form, answer=answer, status=status)

    def expect_page(self, start: int, rows: list[Any], total: Any = ..., **more: str) -> None:
        info: dict[str, Any] = {"dataList": rows, "count": len(rows)}
        if total is not ...:
            info["total"] = total
        self.expect("list", info=info, start=str(start), limit="100", **more)


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with Wire(provider=CLOUD, secrets=[ACCOUNT["api_key"]], retries=0) as made:
        yield Cloud(made)


@pytest.fixture(scope="module")
def bundle() -> CertificateBundle:
    issued = Authority.root().issue(NAME)
    return load_bundle(certificate=issued.fullchain, private_key=issued.key, name=NAME, now=now())


def row(number: int = 1, name: str = NAME, **given: Any) -> dict[str, Any]:
    """A domain as in the document's sample."""
    return {
        "id": number,
        "name": name,
        "cname": False,
        "gmtCreated": "2014-11-01 22:41:52",
        "gmtUpdated": "2015-09-25 10:56:06",
        "cname.domain": "t",
        "cname.value": "track2.sendcloud.net",
        "https": False,
        "certiValidityStart": "",
        "certiValidityEnd": "",
        **given,
    }


def rows(first: int, count: int) -> list[dict[str, Any]]:
    return [row(n, f"t{n}.example.com") for n in range(first, first + count)]


def test_the_bases_of_the_regions() -> None:
    assert REGIONS == {
        "singapore": "https://api2.sendcloud.net/api",
        "china": "https://api.sendcloud.net/apiv2",
        "us": "https://api-us.aurorasendcloud.com/api",
        "hongkong": "https://api-hk.aurorasendcloud.com/api",
    }
    assert all(SendCloud.base_url({"region": region}) == url for region, url in REGIONS.items())


# --- a domain ------------------------------------------------------------------------------------


def test_a_domain_as_in_the_sample(cloud: Cloud) -> None:
    cloud.expect_page(0, [row()], 1)
    (listed,) = cloud.client.list()
    assert listed == domain(
        NAME,
        1,
        https=False,
        vendor=row(),
        created_at=datetime(2014, 11, 1, 14, 41, 52, tzinfo=timezone.utc),
        updated_at=datetime(2015, 9, 25, 2, 56, 6, tzinfo=timezone.utc),
    )


@pytest.mark.parametrize(
    ("given", "attribute", "value"),
    [
        ({"id": "17"}, "id", 17),
        ({"name": "T.Example.COM"}, "name", NAME),
        ({"name": "bücher.example.com"}, "name", "xn--bcher-kva.example.com"),
        ({"cname": True}, "verified", True),
        ({"cname": "true"}, "verified", True),
        ({"cname": "false"}, "verified", False),
        ({"cname": None}, "verified", False),
        ({"cname.value": "Track.SendCloud.org."}, "target", "track.sendcloud.org"),
        ({"cname.value": "", "cname value": "spaced.net"}, "target", "spaced.net"),
        ({"cname.value": ""}, "target", None),
        ({"cname.value": 7}, "target", None),
        ({"https": "true"}, "https", True),
        ({"gmtCreated": ""}, "created_at", None),
        ({"gmtCreated": None}, "created_at", None),
        ({"gmtCreated": "yesterday"}, "created_at", None),
        (
            {"gmtCreated": "2014-11-01 22:41:52.0"},
            "created_at",
            datetime(2014, 11, 1, 14, 41, 52, tzinfo=timezone.utc),
        ),
        ({"certiValidityStart": "2026-01-01 08:00:00"}, "certificate", None),
        (
            {
                "certiValidityStart": "2026-01-01 08:00:00",
                "certiValidityEnd": "2027-01-01 08:00:00",
            },
            "certificate",
            Validity(
                datetime(2026, 1, 1, tzinfo=timezone.utc), datetime(2027, 1, 1, tzinfo=timezone.utc)
            ),
        ),
    ],
)
def test_what_editions_and_accounts_may_write(
    cloud: Cloud, given: dict[str, Any], attribute: str, value: Any
) -> None:
    cloud.expect_page(0, [row(**given)], 1)
    (listed,) = cloud.client.list()
    assert getattr(listed, attribute) == value


# --- list ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("total", [250, "250", ..., None])
def test_all_pages(cloud: Cloud, total: Any) -> None:
    """`start` is an offset. Without a total the first empty page is the end."""
    for start in (0, 100, 200):
        cloud.expect_page(start, rows(start, min(100, 250 - start)), total)
    if total in (..., None):
        cloud.expect_page(250, [], total)
    assert [each.id for each in cloud.client.list()] == list(range(250))


def test_exactly_one_full_page_is_one_call(cloud: Cloud) -> None:
    cloud.expect_page(0, rows(0, 100), 100)
    assert len(cloud.client.list()) == 100


def test_no_domain_at_all(cloud: Cloud) -> None:
    cloud.expect_page(0, [], 0)
    assert cloud.client.list() == []


# What a server may answer to a list of 150, page by page, that is not the whole of it.
NOT_WHOLE = {
    "an empty page too early": ([(0, rows(0, 100), 150), (100, [], 150)], "150, and 100 came"),
    "an empty first page": ([(0, [], 150)], "150, and 0 came"),
    "start ignored": ([(0, rows(0, 100), 150), (100, rows(0, 100), 150)], "came twice"),
    "start ignored, no total": ([(0, rows(0, 100), ...), (100, rows(0, 100), ...)], "came twice"),
    "the same twice on a page": ([(0, [row(), row()], 2)], "t.example.com (id 1) came twice"),
    "total goes up": ([(0, rows(0, 100), 150), (100, rows(100, 50), 151)], "150, and then 151"),
    "total goes down": ([(0, rows(0, 100), 150), (100, rows(100, 50), 149)], "150, and then 149"),
    "total goes away": ([(0, rows(0, 100), 150), (100, rows(100, 50), ...)], "150, and then None"),
    "more than total": ([(0, rows(0, 3), 2)], "total says 2, and 3 came"),
    "none, says total": ([(0, rows(0, 3), 0)], "total says 0, and 3 came"),
}


@pytest.mark.parametrize(("pages", "why"), NOT_WHOLE.values(), ids=list(NOT_WHOLE))
def test_a_list_that_is_not_whole_is_read_once_more_and_then_an_error(
    cloud: Cloud, pages: list[Any], why: str
) -> None:
    for page in pages * 2:
        cloud.expect_page(*page)
    with pytest.raises(TrackingError) as caught:
        cloud.client.list()
    assert (caught.value.code, caught.value.provider) == ("bad_response", "sendcloud")
    assert str(caught.value).startswith(
        "Could not list tracking domains at SendCloud: the list of tracking domains is not whole: "
    )
    assert why in str(caught.value)


@pytest.mark.parametrize("pages", [pages for pages, _why in NOT_WHOLE.values()], ids=NOT_WHOLE)
def test_what_changed_between_two_pages_is_whole_the_second_time(
    cloud: Cloud, pages: list[Any]
) -> None:
    for page in [*pages, (0, rows(0, 100), 151), (100, rows(100, 51), 151)]:
        cloud.expect_page(*page)
    assert [each.id for each in cloud.client.list()] == list(range(151))
    assert any("is not whole" in line for line in cloud.wire.lines)


def test_a_server_that_ignores_limit_gives_all_at_once(cloud: Cloud) -> None:
    cloud.expect_page(0, rows(0, 150), 150)
    assert len(cloud.client.list()) == 150


def test_a_server_with_smaller_pages(cloud: Cloud) -> None:
    for start in (0, 50, 100):
        cloud.expect_page(start, rows(start, 50), 150)
    assert [each.id for each in cloud.client.list()] == list(range(150))


def test_entries_that_become_the_same_name_are_both_listed(cloud: Cloud) -> None:
    spellings = [
        "B.example.com",
        "b.example.com",
        "bücher.example.com",
        "xn--bcher-kva.example.com",
    ]
    cloud.expect_page(0, [row(n, name) for n, name in enumerate(spellings, 1)], 4)
    listed = cloud.client.list()
    assert [each.spelling for each in listed] == spellings
    names = ["b.example.com"] * 2 + ["xn--bcher-kva.example.com"] * 2
    assert [each.name for each in listed] == names


# --- the other calls -----------------------------------------------------------------------------


def test_add(cloud: Cloud) -> None:
    cloud.expect("add", info={"data": row()}, name=NAME)
    added = cloud.client.add(NAME, None)
    assert (added.id, added.target, added.verified) == (1, "track2.sendcloud.net", False)


def test_a_certificate_travels_with_add(cloud: Cloud, bundle: CertificateBundle) -> None:
    """The script decodes the form: a PEM that is not percent-encoded would lose its "+"."""
    pem = {"certContent": bundle.certificate, "certKey": bundle.private_key}
    cloud.expect("add", info={"data": row(https=True)}, name=NAME, **pem)
    assert cloud.client.add(NAME, bundle).https is True


def test_update_by_id_with_what_changes_alone(cloud: Cloud, bundle: CertificateBundle) -> None:
    pem = {"certContent": bundle.certificate, "certKey": bundle.private_key}
    cloud.expect(
        "update", info={"data": row(name="new.example.com")}, id="1", name="new.example.com"
    )
    cloud.expect("update", info={"data": row()}, id="1", **pem)
    cloud.expect("update", info={"data": row()}, id="1", name="new.example.com", **pem)
    assert cloud.client.update(ONE, name="new.example.com").name == "new.example.com"
    cloud.client.update(ONE, certificate=bundle)
    cloud.client.update(ONE, name="new.example.com", certificate=bundle)


def test_delete_by_id(cloud: Cloud) -> None:
    cloud.expect("delete", info={"count": 1}, id="1")
    cloud.client.delete(ONE)


@pytest.mark.parametrize("count", [0, "0"])
def test_deleting_nothing_is_not_found(cloud: Cloud, count: Any) -> None:
    cloud.expect("delete", info={"count": count}, id="1")
    with pytest.raises(TrackingError, match=f"Could not delete tracking domain {NAME}") as caught:
        cloud.client.delete(ONE)
    assert (caught.value.code, caught.value.http_status) == ("not_found", 200)
    assert not isinstance(caught.value, UnclearOutcome)


def test_many_are_checked_in_one_call_by_id(cloud: Cloud) -> None:
    found = [row(2, TWO.name, cname=False), row(1, cname=True)]
    cloud.expect("checkConfig", info={"dataList": found, "count": 2}, id="1;2")
    checked = {each.id: each.verified for each in cloud.client.check([ONE, TWO])}
    assert checked == {1: True, 2: False}


def test_those_that_an_answer_left_out_are_asked_for_again(cloud: Cloud) -> None:
    cloud.expect("checkConfig", info={"dataList": [row(1, cname=True)]}, id="1;2")
    cloud.expect("checkConfig", info={"dataList": [row(9), row(2, TWO.name)]}, id="2")
    assert [(each.id, each.verified) for each in cloud.client.check([ONE, TWO])] == [
        (1, True),
        (2, False),
    ]


@pytest.mark.parametrize(
    "info", [{"dataList": []}, {"dataList": None, "count": 0}, {"dataList": [row(9)]}]
)
def test_what_an_answer_leaves_out_for_good_is_gone(cloud: Cloud, info: Any) -> None:
    cloud.expect("checkConfig", info={"dataList": [row(1, cname=True)]}, id="1;2")
    cloud.expect("checkConfig", info=info, id="2")
    with pytest.raises(TrackingError, match=TWO.name) as caught:
        cloud.client.check([ONE, TWO])
    assert (caught.value.code, caught.value.http_status) == ("not_found", 200)
    assert NAME not in str(caught.value)
    assert "deleted in the meantime" in str(caught.value.hint)


# --- senders -------------------------------------------------------------------------------------


def user(name: str = "me", domain: str = "T.Example.com", **given: Any) -> dict[str, Any]:
    """An API_USER as in the document's sample."""
    settings = {"cType": "non-test", "emailType": "Trigger", "domainName": "mail.example.com"}
    return {"name": name, **settings, "open": 1, "click": 0, "trackDomainName": domain, **given}


@pytest.mark.parametrize("total", [{}, {"total": 2}])
def test_senders(cloud: Cloud, total: dict[str, int]) -> None:
    found = [user(), user("you", "")]
    cloud.expect("apiuser/list", info={"dataList": found, "count": 2, **total})
    first, second = cloud.client.senders()
    assert (first.name, first.domain, second.name, second.domain) == ("me", NAME, "you", None)
    assert first.settings["click"] == 0
    assert "trackDomainName" not in first.settings


def test_senders_where_there_are_more_than_came(cloud: Cloud) -> None:
    """No paging is documented, so the first call asks for none."""
    first, second = [user(f"u{n}") for n in range(100)], [user("last")]
    cloud.expect("apiuser/list", info={"dataList": first, "total": 101})
    cloud.expect("apiuser/list", info={"dataList": second, "total": 101}, start="100", limit="100")
    assert [each.name for each in cloud.client.senders()][-1] == "last"


def test_senders_that_do_not_make_a_whole(cloud: Cloud) -> None:
    for _try in range(2):
        cloud.expect("apiuser/list", info={"dataList": [user()], "total": 2})
        cloud.expect(
            "apiuser/list", info={"dataList": [user()], "total": 2}, start="1", limit="100"
        )
    with pytest.raises(TrackingError, match="list of API_USERs is not whole: me came twice"):
        cloud.client.senders()


@pytest.mark.parametrize("entry", [{}, {"name": 1}, "me", None])
def test_a_sender_that_cannot_be_read(cloud: Cloud, entry: Any) -> None:
    cloud.expect("apiuser/list", info={"dataList": [entry]})
    with pytest.raises(TrackingError) as caught:
        cloud.client.senders()
    assert caught.value.code == "bad_response"


def test_bind(cloud: Cloud) -> None:
    """What is left out stays as it is; newName is required in the newer reference."""
    cloud.expect("apiuser/update", info={}, name="me", newName="me", trackDomainName=NAME)
    cloud.client.bind(Sender("me", None), ONE)


# --- the envelope --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        {"result": True, "statusCode": 200, "info": {"data": row()}},
        {"result": "true", "statusCode": "200", "info": {"data": row()}},
        {"result": True, "info": {"data": row()}},
        {"statusCode": 200, "info": {"data": row()}},
        {"result": True, "statusCode": 200, "info": json.dumps({"data": row()})},
        {"result": True, "statusCode": 200, "info": {"data": json.dumps(row())}},
        {"result": True, "statusCode": 200, "info": json.dumps({"data": json.dumps(row())})},
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_success_in_any_wording_at_any_status(cloud: Cloud, answer: Any, status: int) -> None:
    cloud.expect("add", answer=answer, status=status, name=NAME)
    assert cloud.client.add(NAME, None).id == 1


@pytest.mark.parametrize("status", [200, 401, 403, 404])
@pytest.mark.parametrize("message", ["the vendor's words", "认证失败"])
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (401, "authentication"),
        (403, "authentication"),
        (40005, "authentication"),
        (6001, "authentication"),
        (40000, "conflict"),
        (40001, "validation"),
        (40002, "validation"),
        (40003, "validation"),
        (40004, "validation"),
        (40913, "quota"),
        (41001, "validation"),
        (41002, "validation"),
        (41003, "validation"),
        (41012, "quota"),
        (41014, "not_found"),
        (41015, "bad_response"),
        (41016, "bad_response"),
        (501, "bad_response"),
        ("41012", "quota"),
        (4711, "bad_response"),
    ],
)
def test_every_code_at_every_status(
    cloud: Cloud, number: Any, code: str, status: int, message: str
) -> None:
    answer = {"result": False, "statusCode": number, "message": message, "info": {}}
    cloud.expect("add", answer=answer, status=status, name=NAME)
    with pytest.raises(TrackingError) as caught:
        cloud.client.add(NAME, None)
    error = caught.value
    if number == 4711 and status in (401, 403):
        code = "authentication"
    # A server that failed, or says what nobody knows, may have done it all the same.
    doubtful = number == 501 or (number == 4711 and code == "bad_response")
    assert isinstance(error, UnclearOutcome) == doubtful
    if code == "authentication" and number != 6001:
        assert "locked to a region" in str(error.hint)
    assert error.as_failure() == {
        "code": code,
        "operation": f"add tracking domain {NAME} at SendCloud",
        "provider": "sendcloud",
        "vendor_code": str(number),
        "vendor_message": message,
        "http_status": status,
        "hint": error.hint,
    }
    for part in ("add", NAME, message, str(number)):
        assert part in str(error)


def test_a_wrong_key_may_be_a_wrong_region(cloud: Cloud) -> None:
    answer = {"result": False, "statusCode": 40005, "message": "no"}
    cloud.expect("list", answer=answer, start="0", limit="100")
    with pytest.raises(TrackingError, match="locked to a region"):
        cloud.client.list()


def test_a_success_with_an_error_s_code_is_unclear(cloud: Cloud) -> None:
    answer = {"result": True, "statusCode": 41015, "message": "failed", "info": {}}
    cloud.expect("add", answer=answer, name=NAME)
    with pytest.raises(UnclearOutcome):
        cloud.client.add(NAME, None)


@pytest.mark.parametrize("number", [50000, 50001, "50000"])
def test_frequency_limits_are_waited_out(number: Any) -> None:
    with Wire(retries=1) as made:
        cloud = Cloud(made)
        answer = {"result": False, "statusCode": number, "message": "frequency"}
        cloud.expect("add", answer=answer, name=NAME)
        cloud.expect("add", info={"data": row()}, name=NAME)
        assert cloud.client.add(NAME, None).id == 1
    assert len(made.slept) == 1


@pytest.mark.parametrize(
    "answer",
    [
        [],
        None,
        "ok",
        {},
        {"status": "success"},
        {"result": False},
        {"result": False, "statusCode": None, "message": None},
        {"result": False, "statusCode": [], "message": {}},
        {"result": True, "statusCode": 200},
        {"result": True, "statusCode": 200, "info": "{oops"},
        {"result": True, "statusCode": 200, "info": []},
        {"result": True, "statusCode": 200, "info": {"dataList": {}}},
        {"result": True, "statusCode": 200, "info": {"dataList": "[oops"}},
        {"result": True, "statusCode": 200, "info": {"dataList": ["x"]}},
        {"result": True, "statusCode": 200, "info": {"dataList": [{"name": NAME}]}},
        {"result": True, "statusCode": 200, "info": {"dataList": [{"id": 1}]}},
        {"result": True, "statusCode": 200, "info": {"dataList": [row(id=None)]}},
        {"result": True, "statusCode": 4711},
        b'{"result": false, "statusCode": 1e999, "message": "x"}',
        b'{"result": true, "statusCode": 200, "info": {"dataList": [{"id": 1e999, "name": "a.b"}]}}',
    ],
)
def test_an_answer_of_another_shape_is_a_bad_response(cloud: Cloud, answer: Any) -> None:
    for action, call in {
        "list": cloud.client.list,
        "checkConfig": lambda: cloud.client.check([ONE]),
    }.items():
        more = {"id": "1"} if action == "checkConfig" else {"start": "0", "limit": "100"}
        made = (
            answer if isinstance(answer, (dict, bytes)) or answer else json.dumps(answer).encode()
        )
        cloud.expect(action, answer=made, **more)
        with pytest.raises(TrackingError) as caught:
            call()
        assert (caught.value.code, caught.value.http_status) == ("bad_response", 200)
        assert not isinstance(caught.value, UnclearOutcome)
        assert str(caught.value).startswith("Could not ")


UNREADABLE = [
    None,
    [],
    "{oops",
    {},
    row(),
    {"data": None},
    {"data": {}},
    {"data": [row()]},
    {"data": "text"},
    {"data": {"name": NAME}},
    {"dataList": [row()]},
]


@pytest.mark.parametrize("info", UNREADABLE)
@pytest.mark.parametrize("action", ["add", "update"])
def test_a_success_that_cannot_be_read_is_unclear(cloud: Cloud, action: str, info: Any) -> None:
    """It says that it took effect, if nothing else."""
    calls = {
        "add": (lambda: cloud.client.add(NAME, None), {"name": NAME}),
        "update": (
            lambda: cloud.client.update(ONE, name="n.example.com"),
            {"name": "n.example.com"},
        ),
    }
    call, form = calls[action]
    cloud.expect(action, info=info, **form, **({"id": "1"} if action == "update" else {}))
    with pytest.raises(
        UnclearOutcome, match=f"Could not {action} tracking domain {NAME}"
    ) as caught:
        call()
    assert (caught.value.code, caught.value.http_status) == ("bad_response", 200)


def test_half_a_character_in_json_within_json_is_replaced(cloud: Cloud) -> None:
    info = json.dumps({"data": row(owner="\ud83d")})
    cloud.expect("add", info=info, name=NAME)
    assert cloud.client.add(NAME, None).vendor["owner"] == "\ufffd"


def test_no_secret_in_the_excerpt_of_an_answer(cloud: Cloud) -> None:
    cloud.expect("list", answer={"x" * 285: ACCOUNT["api_key"]}, start="0", limit="100")
    with pytest.raises(TrackingError) as caught:
        cloud.client.list()
    assert ACCOUNT["api_key"][:5] not in str(caught.value)


# --- against the sandbox, under either answer of every open question -----------------------------

SWITCHES = {
    "list_total": ("given", "absent"),
    "cname_keys": ("dotted", "spaced"),
    "cname_domain": ("relative", "full", "parent"),
    "info_as": ("object", "json_string"),
    "delete_unknown": ("count_0", "error"),
    "times": ("utc+8", "utc"),
    "certificate_seconds": ("exact", "zeroed", "rounded_up"),
    "message_language": ("english", "chinese"),
    "auth_error_http_status": (200, 401),
    "rename_resets_cname": (True, False),
    "keeps_case": (True, False),
}


@pytest.mark.parametrize(
    ("switch", "value"),
    [(name, value) for name, values in SWITCHES.items() for value in values],
)
def test_the_life_of_a_domain(
    switch: str,
    value: Any,
    sendcloud: SandboxAccount,
    open_client: Callable[..., Provider],
    record: Callable[..., None],
    bundle: CertificateBundle,
) -> None:
    sendcloud.switch(**{switch: value})
    client = open_client(sendcloud)
    name, longer = NAME, f"not-{NAME}"
    added = client.add(name, None)
    client.add(longer, None)
    assert added in client.list()
    assert {each.name for each in client.list()} == {name, longer}
    assert (added.verified, added.https, added.target) == (False, False, sendcloud.target)
    record(name, sendcloud.target)
    checked = client.check(client.list())
    assert {each.name: each.verified for each in checked} == {name: True, longer: False}
    uploaded = client.update(added, certificate=bundle)
    assert uploaded.https is True
    assert uploaded.shows(bundle.validity), "never uploaded twice in a row"
    renamed = client.update(added, name="new.example.com")
    assert (renamed.id, renamed.name) == (added.id, "new.example.com")
    # As it is said: that the flag may be that of the old name, who asks for renames has to know.
    assert renamed.verified == ((switch, value) == ("rename_resets_cname", False))
    client.delete(renamed)
    with pytest.raises(TrackingError) as caught:
        client.delete(renamed)
    assert caught.value.code == "not_found"
    assert [each.name for each in client.list()] == [longer]


@pytest.mark.parametrize("status", [200, 401])
@pytest.mark.parametrize("language", ["english", "chinese"])
def test_a_wrong_key(
    status: int, language: str, sendcloud: SandboxAccount, open_client: Any, sandbox: Any
) -> None:
    sandbox.client.switch("sendcloud", auth_error_http_status=status, message_language=language)
    client = open_client(sendcloud)
    client._options = {**client._options, "api_key": "wrong"}
    with pytest.raises(TrackingError) as caught:
        client.list()
    sandbox.client.switch("sendcloud", auth_error_http_status=200, message_language="english")
    assert (caught.value.code, caught.value.http_status) == ("authentication", status)


@pytest.mark.parametrize("unknown_action", ["envelope", "html"])
def test_another_api_at_the_address(
    unknown_action: str, sendcloud: SandboxAccount, open_client: Any, sandbox: Any
) -> None:
    sandbox.client.switch("sendcloud", unknown_action=unknown_action)
    client = open_client(sendcloud)
    client.http._base_url += "/oops"
    with pytest.raises(TrackingError) as caught:
        client.list()
    sandbox.client.switch("sendcloud", unknown_action="envelope")
    assert caught.value.code == "bad_response"


def test_every_switch_is_tried(sandbox: Any) -> None:
    """A new open question in the sandbox asks for a test here, or for a line below."""
    elsewhere = {
        "unknown_action",  # above
        # What idempotence has to survive: test_apply.py and test_verify.py.
        "add_existing",
        "check_unknown",
        "list_lag",
        "delete_lag",
        "deletes_nothing",
        "update_verified",
        "domain_limit",
        # What a list that is not whole is taken for: test_tracking_domains.py.
        "list_cut",
        "list_start",
        # No list is narrowed to names.
        "name_filter",
        # Who uses a domain: test_senders.py beside the modules.
        "bind_unverified",
        "sender_new_name",
        "sender_pages",
        "sender_update",
        "senders_readable",
        # The names that are sent are short, ASCII, and no wildcards.
        "name_length_limit",
        "wildcard_name",
        "idn_name",
        # How the sandbox behaves, not how it words its answers.
        "follows_chains",
        "latency_ms",
        "negative_cache_seconds",
        "negative_cache_checks",
        "rate_limit",
        "rate_limit_seconds",
    }
    known = set(sandbox.world.switches["sendcloud"].definitions)
    assert known == set(SWITCHES) | elsewhere
