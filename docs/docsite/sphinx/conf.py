# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the site of the collection is built: see tests/tools/site.py."""

from __future__ import annotations

import zlib
from pathlib import Path

project = "mailops.email"
author = "the mailops.email authors"
copyright = "2026, the mailops.email authors"  # noqa: A001
title = "Email tracking domains with Ansible"
html_title = title
html_short_title = "mailops.email"

extensions = ["sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
html_theme = "sphinx_ansible_theme"
html_theme_options = {"logo_only": False}
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
html_show_sphinx = False
html_use_index = False
html_copy_source = False
default_role = "any"
# A reference that leads nowhere is an error, as every warning is.
nitpicky = True

# What the pages of the plugins refer to in Ansible's own documentation. Said here, so that nothing is fetched.
ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
LABELS = {
    "action_plugins": "plugins/action.html#action-plugins",
    "ansible_configuration_settings": "reference_appendices/config.html#ansible-configuration-settings",
    "common_return_values": "reference_appendices/common_return_values.html#common-return-values",
}
INVENTORY = Path(__file__).with_name("ansible.inv")
INVENTORY.write_bytes(
    b"# Sphinx inventory version 2\n# Project: Ansible\n# Version: latest\n"
    b"# The remainder of this file is compressed using zlib.\n"
    + zlib.compress(
        "".join(f"{name} std:label -1 {page} {name}\n" for name, page in LABELS.items()).encode()
    )
)
intersphinx_mapping = {"ansible": (ANSIBLE, str(INVENTORY))}
