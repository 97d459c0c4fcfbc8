# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Any Python from 3.11 on: make test PYTHON=python3.13
PYTHON ?= python3
TOOLS := $(PYTHON) -B tests/tools
PARTS := lint sanity units units-2.16 integration integration-2.16 molecule docs importer

.PHONY: help demo test bench build clean $(PARTS)

help:
	@echo "make demo    both vendors' APIs on this machine, and the role at work on them"
	@echo "make test    all of the tests; what they need is set up first, outside this checkout"
	@echo "make bench   seconds and calls of three ways to do the job, into docs/benchmark.md (half an hour)"
	@echo "make build   the artifact for ansible-galaxy, in this directory"
	@echo "make clean   remove the private environments"
	@echo "make PART    one part of the tests:"
	@$(TOOLS)/run.py --list

demo:
	@environment=$$($(TOOLS)/environment.py demo) && \
	    LC_ALL=C.UTF-8 exec "$$environment/bin/python" -B tests/demo/run.py

test:
	@$(TOOLS)/run.py

bench:
	@environment=$$($(TOOLS)/environment.py test) && exec "$$environment/bin/python" -B tests/bench/run.py

$(PARTS):
	@$(TOOLS)/run.py $@

build:
	@environment=$$($(TOOLS)/environment.py demo) && "$$environment/bin/ansible-galaxy" collection build --force

clean:
	@$(TOOLS)/environment.py --remove
	@rm -f mailops-email-*.tar.gz
