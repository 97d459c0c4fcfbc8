# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes ``ansible_collections.mailops.email`` importable from any checkout.

Wherever the repository lies, a temporary tree ``ansible_collections/mailops/email`` links to it, for
this process and, by ``ANSIBLE_COLLECTIONS_PATH``, for every playbook that it starts.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

# A regular package wins over a namespace package, so that an installed `ansible` package (which
# has an `__init__.py` here) cannot hide the tree; its own collections stay importable.
PACKAGE = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"


def collection_root() -> Path:
    """The directory that holds ``ansible_collections`` with this checkout in it."""
    if CHECKOUT.parts[-3:] == ("ansible_collections", "mailops", "email"):
        return CHECKOUT.parents[2]
    root = Path(tempfile.mkdtemp(prefix="mailops-email-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    package = root / "ansible_collections"
    (package / "mailops").mkdir(parents=True)
    (package / "__init__.py").write_text(PACKAGE)
    (package / "mailops" / "email").symlink_to(CHECKOUT, target_is_directory=True)
    return root


def make_importable() -> None:
    # ansible-test has put its own loader in place.
    if "ansible_collections" in sys.modules and importlib.util.find_spec(
        "ansible_collections.mailops"
    ):
        return
    root = str(collection_root())
    sys.path.insert(0, root)
    search = [root, os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")]
    os.environ["ANSIBLE_COLLECTIONS_PATH"] = os.pathsep.join(filter(None, search))
