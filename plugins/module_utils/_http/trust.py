# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trust in private CAs, beside the system's. Private to this collection: no promise is made to others."""

from __future__ import annotations

import os
import ssl

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError


def add_private_cas(context: ssl.SSLContext, ca_path: str) -> None:
    """Have ``context`` trust what ``ca_path`` holds as well.

    :param ca_path: a file of certificates in PEM form, or a directory that c_rehash prepared.
    :raises TrackingError: ``validation``, where it cannot be used.
    """
    is_directory = os.path.isdir(ca_path)
    try:
        context.load_verify_locations(
            cafile=None if is_directory else ca_path, capath=ca_path if is_directory else None
        )
    except OSError as exc:  # also what is no PEM: SSLError is one
        no_pem = isinstance(exc, ssl.SSLError)
        why = "it has no certificate in PEM form" if no_pem else exc.strerror
        raise TrackingError(
            "validation",
            f"ca_path {ca_path} cannot be used: {why}",
            hint="Give a file of trusted certificates, or a directory prepared by c_rehash.",
        ) from None
