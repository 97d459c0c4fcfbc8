# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-lint passes over fails the run all the same."""

from __future__ import annotations

import certification


def test_a_warning_is_one_wherever_it_comes_from() -> None:
    output = "\n".join(
        [
            "WARNING  Ignored exception from ValidateSchemaRule.matchyaml",
            "[WARNING]: Error loading plugin 'amazon.aws.route53'",
            "[DEPRECATION WARNING]: use something else",
            "Passed: 0 failure(s), 0 warning(s) in 330 files",
        ]
    )
    assert list(certification.warnings(output)) == output.splitlines()[:3]
    assert certification.COMMAND == ("ansible-lint", "--profile=production")
