# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading PEM files: which ones are refused, and how the user is told."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ansible_collections.mailops.email.plugins.module_utils._certificates import pem as _pem
from ansible_collections.mailops.email.plugins.module_utils._certificates.pem import read_pem
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.tests.support.certificates import main as issue

TEXT = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "privkey.pem"
    path.write_text(TEXT)
    path.chmod(0o600)
    return path


def refusal(path: Path | str, *, secret: bool = True) -> str:
    with pytest.raises(TrackingError) as caught:
        read_pem(str(path), secret=secret)
    assert caught.value.code == "validation"
    assert "c2VjcmV0" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700, 0o640, 0o440, 0o660])
def test_a_key_of_its_owner_and_group_is_read(key: Path, mode: int) -> None:
    key.chmod(mode)
    assert read_pem(str(key), secret=True) == TEXT


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o601, 0o644, 0o646, 0o666])
def test_a_key_open_to_everybody_is_refused(key: Path, mode: int) -> None:
    key.chmod(mode)
    message = refusal(key)
    assert f"mode {mode:04o}" in message
    assert f"chmod o= {key}" in message


def test_a_certificate_is_public(key: Path) -> None:
    key.chmod(0o644)
    assert read_pem(str(key), secret=False) == TEXT


def test_the_command_in_the_message_can_be_pasted(tmp_path: Path) -> None:
    path = tmp_path / "my key.pem"
    path.write_text(TEXT)
    path.chmod(0o644)
    assert f"chmod o= '{path}'" in refusal(path)


def test_what_certbot_leaves_is_judged_by_the_file_behind_the_link(tmp_path: Path) -> None:
    issue(["--out", str(tmp_path), "--name", "track.example.com"])
    link = tmp_path / "live/track.example.com/privkey.pem"
    assert link.is_symlink()
    assert "BEGIN PRIVATE KEY" in read_pem(str(link), secret=True)
    link.resolve().chmod(0o644)
    assert f"chmod o= {tmp_path}/archive/track.example.com/privkey1.pem" in refusal(link)


def test_missing(tmp_path: Path) -> None:
    message = refusal(tmp_path / "none.pem")
    assert f"{tmp_path}/none.pem does not exist on the host that runs the module" in message


def test_a_link_to_nowhere_names_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "link.pem").symlink_to("gone.pem")
    assert f"a link to {tmp_path}/gone.pem" in refusal(tmp_path / "link.pem")


def test_a_directory(tmp_path: Path) -> None:
    assert "Is a directory" in refusal(tmp_path)


def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "is not a file" in refusal(tmp_path / "pipe")


def test_below_a_file(key: Path) -> None:
    assert "Not a directory" in refusal(key / "privkey.pem")


def test_a_path_with_a_nul() -> None:
    assert "it is no path" in refusal("a\0b")


def test_unreadable(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)  # chmod 000 does not stop root, who may run this
    message = refusal(key)
    assert "not readable" in message
    assert f"uid {os.geteuid()}" in message
    assert "become" in message


@pytest.mark.parametrize("content", [b"", b" \r\n\n"])
def test_empty(key: Path, content: bytes) -> None:
    key.write_bytes(content)
    assert "is empty" in refusal(key)


def test_too_large(key: Path) -> None:
    key.write_bytes(b"x" * (_pem.MAX_SIZE + 1))
    assert "larger than" in refusal(key)


def test_the_largest(key: Path) -> None:
    key.write_bytes(TEXT.encode().ljust(_pem.MAX_SIZE))
    assert len(read_pem(str(key), secret=True)) == _pem.MAX_SIZE


@pytest.mark.parametrize("content", [b"\x30\x82\x01\x00\xff", b"a\0b", TEXT.encode("utf-16")])
def test_not_text(key: Path, content: bytes) -> None:
    key.write_bytes(content)
    message = refusal(key)
    assert "not text" in message
    assert "openssl pkey -inform DER" in message
    assert "openssl x509 -inform DER" in refusal(key, secret=False)


def test_a_file_without_pem_is_told_as_such(key: Path) -> None:
    """Whoever gave a path is not told to give one."""
    key.write_text("not a key at all, c2VjcmV0")
    message = refusal(key)
    assert f"the private key file {key} is not PEM text" in message
    assert "private_key_path" not in message
    assert "c2VjcmV0" not in message
    assert f"the certificate file {key} is not PEM text" in refusal(key, secret=False)


VAULT = "$ANSIBLE_VAULT;1.1;AES256\n6162633132330a\n"


@pytest.mark.parametrize("mode", [0o600, 0o644])  # a vault's file may well be open to all
def test_a_file_of_ansible_vault(key: Path, mode: int) -> None:
    key.write_text(VAULT)
    key.chmod(mode)
    message = refusal(key)
    assert f"the private key file {key} is encrypted with Ansible Vault" in message
    assert f"private_key to \"{{{{ lookup('ansible.builtin.file', '{key}') }}}}\"" in message
    assert "6162633132330a" not in message
    assert "set certificate to" in refusal(key, secret=False)


def test_text_of_ansible_vault() -> None:
    with pytest.raises(TrackingError) as caught:
        _pem.blocks(VAULT, option="private_key")
    assert "the private key is encrypted with Ansible Vault" in str(caught.value)
    assert "ansible.builtin.file" in str(caught.value)


def test_comments_may_be_in_any_encoding(key: Path) -> None:
    key.write_bytes("Aussteller: Prüfstelle\n".encode("latin-1") + TEXT.encode())
    assert TEXT in read_pem(str(key), secret=True)


def test_a_byte_order_mark_is_dropped(key: Path) -> None:
    key.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert read_pem(str(key), secret=True) == TEXT


@pytest.mark.parametrize("path", [TEXT, TEXT.replace("\n", "\\n"), "MIGHc2VjcmV0\nc2VjcmV0"])
@pytest.mark.parametrize("secret", [True, False])
def test_text_in_the_place_of_a_path_is_not_repeated(path: str, secret: bool) -> None:
    message = refusal(path, secret=secret)
    option = "private_key" if secret else "certificate"
    assert message == (
        f"{option}_path is PEM text, but it must be the path of a file. Give text as {option}."
    )


ENCRYPTED = """-----BEGIN RSA PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-256-CBC,0123456789ABCDEF

c2VjcmV0
-----END RSA PRIVATE KEY-----"""


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (TEXT, {"c2VjcmV0"}),
        (TEXT.replace("\n", "\r\n"), {"c2VjcmV0"}),
        (TEXT.replace("\n", "\\r\\n"), {"c2VjcmV0"}),
        (TEXT.replace("\n", " "), {"c2VjcmV0"}),
        (f"chain\nMIGHcert\n{TEXT}more words", {"c2VjcmV0"}),
        (TEXT.partition("-----END")[0], {"c2VjcmV0"}),
        (TEXT.replace("c2Vj", "c2Vj\n"), {"c2Vj", "cmV0", "c2VjcmV0"}),
        (f"{'a' * 80}\n".join(TEXT.split("c2VjcmV0\n")), {"a" * 80, "a" * 64, "a" * 16}),
        (ENCRYPTED, {"c2VjcmV0"}),
        (TEXT.partition("\n")[2], set()),
    ],
)
def test_what_must_not_be_shown_of_a_key(text: str, parts: set[str]) -> None:
    assert set(_pem.key_parts(text)) == {text, *parts}


@pytest.mark.parametrize("text", ["", "t.example.com", TEXT.replace("PRIVATE KEY", "CERTIFICATE")])
def test_what_holds_no_key_may_be_shown(text: str) -> None:
    assert not list(_pem.key_parts(text))


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN A-----\n" * 16_000,
        "-----BEGIN A-----\n" * 16_000 + "-----END B-----\n" * 16_000,
        "-----BEGIN A-----BEGIN B-----" * 16_000,
        "-----BEGIN " + "A " * 500_000,
        "-----BEGIN PRIVATE KEY-----\n" * 16_000,
        "-----BEGIN PRIVATE KEY-----\n" + "x" * 1_000_000,
    ],
)
def test_what_does_not_end_is_read_in_one_pass(text: str) -> None:
    """Where each beginning looks for its end through all the rest, this takes half a minute."""
    start = time.process_time()
    with pytest.raises(TrackingError, match="cut off"):
        _pem.blocks(text, option="certificate")
    list(_pem.key_parts(text))
    assert time.process_time() - start < 3


@pytest.mark.parametrize(
    ("text", "bodies"),
    [
        ("-----BEGIN A-----1-----END A-----", ["1"]),
        ("-----BEGIN A----------END A-----", [""]),
        ("-----END A-----\n-----BEGIN A-----1-----END A----- words", ["1"]),
        ("-----BEGIN A-----1-----END B-----2-----END A-----", ["1-----END B-----2"]),
        ("-----BEGIN A-----1-----END A----------BEGIN B-----2-----END B-----", ["1", "2"]),
    ],
)
def test_blocks_end_at_their_own_label(text: str, bodies: list[str]) -> None:
    assert [block.body for block in _pem.blocks(text, option="certificate")] == bodies


def test_a_block_within_a_block_is_none() -> None:
    text = "-----BEGIN A-----\n-----BEGIN B-----\n-----END B-----\n-----END A-----\n"
    with pytest.raises(TrackingError, match="cut off"):
        _pem.blocks(text, option="certificate")


def test_a_block_does_not_show_its_content() -> None:
    (block,) = _pem.blocks(TEXT, option="private_key")
    assert "c2VjcmV0" not in f"{block} {block!r}"
    assert block.pem == TEXT
