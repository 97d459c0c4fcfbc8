# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Any Python from 3.11 on: make test PYTHON=python3.13
PYTHON ?= python3
# A release of ansible-core in the place of the newest: make sanity CORE=2.18
CORE ?=
export CORE
TOOLS := $(PYTHON) tests/tools
# A program out of an environment, which is built first: $(call IN,NAME,PROGRAM).
IN = environment=$$($(TOOLS)/environment.py $(1)) && exec "$$environment/bin/$(2)"
PARTS := lint sanity sanity-2.16 units plays units-2.16 integration integration-2.16 molecule docs importer awx-jobs awx-jobs-2.16

# What runs in the checkout itself leaves nothing in it.
export PYTHONDONTWRITEBYTECODE := 1
# Ansible refuses to start without UTF-8.
export LC_ALL := C.UTF-8

# More of the random tester: make fuzz FUZZ='--cases 10000 --seed 7 --provider sendcloud'
FUZZ ?= --cases 1000

.PHONY: help demo test generate bench fuzz site awx build publish clean $(PARTS)

help:
	@echo "make demo    both vendors' APIs on this machine, and the role at work on them"
	@echo "make test    all of the tests; what they need is set up first, outside this checkout"
	@echo "make generate   what the documentation, the role and AWX say of the providers, from the providers' files"
	@echo "make bench   seconds and calls of three ways to do the job, into docs/benchmark.md (half an hour)"
	@echo "make fuzz    whole runs in random worlds; FUZZ='--cases 10000 --seed 7 --provider sendcloud'"
	@echo "make site    the pages of the documentation, into the directory site"
	@echo "make awx     the set-up and its jobs on an AWX of yours: CONTROLLER_HOST=... VARIABLES=... (REMOVE=1)"
	@echo "make build   the artifact for ansible-galaxy, in this directory"
	@echo "make publish VERSION=...   that artifact, to Galaxy"
	@echo "make clean   remove the private environments"
	@echo "make PART    one part of the tests:"
	@$(TOOLS)/run.py --list

demo:
	@$(call IN,demo,python) tests/demo/run.py

test:
	@$(TOOLS)/run.py

generate:
	@$(call IN,units,python) tests/tools/generate.py

bench:
	@$(call IN,test,python) tests/bench/role.py
	@$(call IN,test,python) tests/bench/run.py

fuzz:
	@$(call IN,units,python) tests/fuzz/run.py $(FUZZ)

awx:
	@$(call IN,test,python) tests/awx/on_awx.py

$(PARTS):
	@$(TOOLS)/run.py $@

site:
	@$(call IN,test,python) tests/tools/site.py --output site

build:
	@$(call IN,demo,ansible-galaxy) collection build --force

# ansible-galaxy takes the server and its token from its configuration or the environment.
publish:
	@$(call IN,demo,ansible-galaxy) collection publish mailops-email-$(VERSION).tar.gz

clean:
	@$(TOOLS)/environment.py --remove
	@rm -f mailops-email-*.tar.gz
