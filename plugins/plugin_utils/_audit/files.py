# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of an audit on the controller. Private to this collection: no promise is made to others."""

from __future__ import annotations

import os
import tempfile
import typing as t
from pathlib import Path

from ansible_collections.mailops.email.plugins.plugin_utils._audit.accounts import Data
from ansible_collections.mailops.email.plugins.plugin_utils._audit.report import (
    AuditError,
    read_report,
)


def load_previous(path: t.Any) -> Data | None:
    """The earlier report; None where none is named, or where there is none yet.

    :raises AuditError: it cannot be read, or is none.
    """
    if not path:
        return None
    place = Path(str(path)).expanduser()
    try:
        return read_report(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        # The first of a series, each of which is the next one's earlier report.
        return None
    except (OSError, UnicodeError) as exc:
        raise AuditError(f"the earlier report {path} cannot be read: {exc}") from None
    except AuditError as exc:
        raise AuditError(f"the earlier report {path} is not usable: {exc}") from None


def place_to_write(path: t.Any) -> Path:
    """Where a file goes.

    :raises AuditError: nothing can be written there.
    """
    place = Path(str(path)).expanduser()
    if place.is_dir():
        raise AuditError(f"{place} is a directory: give the name of a file")
    if not place.parent.is_dir():
        raise AuditError(f"{place} cannot be written: there is no directory {place.parent}")
    return place


def write(place: Path, text: str) -> None:
    """Write the file in one go, for whoever reads it meanwhile: Prometheus, a web server.

    :raises AuditError: it cannot be written.
    """
    whole = place.resolve()
    try:
        if whole.exists() and not whole.is_file():
            whole.write_text(text, encoding="utf-8")
            return
        handle, name = tempfile.mkstemp(dir=whole.parent, prefix=f".{whole.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                os.fchmod(file.fileno(), _mode(whole))
            os.replace(name, whole)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as exc:
        raise AuditError(f"{place} cannot be written: {exc}") from None


def _mode(place: Path) -> int:
    """Of the file that is there, else what any new file of the user has."""
    if place.exists():
        return place.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
