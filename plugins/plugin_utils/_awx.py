# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX is to have for tracking domains, as arguments of the modules of awx.awx. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from difflib import get_close_matches

import yaml

from ansible_collections.mailops.email.plugins.module_utils._providers.registry import PROVIDERS

Data = t.Dict[str, t.Any]

# Variables without `awx_setup_`, with their defaults. The playbook's documentation says what they mean.
DEFAULTS: Data = {
    "name": "Tracking domains",
    "organization": "Default",
    "galaxy_credentials": [],
    "credentials": [],
    "job_credentials": [],
    "update_secrets": False,
    "execution_environment": "",
    "execution_environment_image": "",
    "execution_environment_pull": "missing",
    "execution_environment_credential": "",
    "project_scm_url": "",
    "project_scm_branch": "",
    "project_scm_credential": "",
    "project_update_on_launch": True,
    "project_local_path": "",
    "inventory_variables": {},
    "inventory_file": "inventory.yml",
    "accounts": [],
    "slices": 1,
    "forks": 5,
    "timeout": 0,
    "verbosity": 0,
    "templates": ["converge", "check", "change", "audit", "renew_certificates"],
    "template_variables": {},
    "surveys": True,
    "schedules": {"audit": "DTSTART:20260101T050000Z RRULE:FREQ=DAILY;INTERVAL=1"},
    "notification": {},
    "export_to": "",
}
# How to reach AWX: these go to the modules as they are.
CONNECTION = (
    "controller_host",
    "controller_username",
    "controller_password",
    "controller_oauthtoken",
    "validate_certs",
)
# What the audit has to find for its job to fail, and so to notify somebody.
_AUDIT_FAILS_ON = ["broken", "expiring", "dangling", "unreadable"]
# The key of vaulted text in an inventory's JSON.
VAULTED = "__ansible_vault"
# Endings of the role's variables that are secret.
_SECRET = ("token", "api_key", "secret", "password", "private_key")
# Kinds of objects in the order in which they are made, as people call them, and the variable that
# collections for AWX as code read them from.
_KINDS = {
    "organizations": ("organization", "controller_organizations"),
    "credential_types": ("credential types", "controller_credential_types"),
    "credentials": ("credentials", "controller_credentials"),
    "execution_environments": ("execution environment", "controller_execution_environments"),
    "notification_templates": ("notification template", "controller_notifications"),
    "projects": ("project", "controller_projects"),
    "inventories": ("inventory", "controller_inventories"),
    "inventory_sources": ("inventory source", "controller_inventory_sources"),
    "hosts": ("hosts", "controller_hosts"),
    "job_templates": ("job templates", "controller_templates"),
    "schedules": ("schedules", "controller_schedules"),
}


@dataclass(frozen=True)
class _Template:
    """A job template: what it does, its playbook's file, arguments of its own, its survey's questions."""

    does: str
    playbook: str
    arguments: Data = field(default_factory=dict)
    questions: tuple[Data, ...] = ()


def _question(variable: str, name: str, about: str, kind: str, **more: t.Any) -> Data:
    """A question as AWX keeps it, every key included: it compares them literally."""
    return {
        "variable": variable,
        "question_name": name,
        "question_description": about,
        "type": kind,
        "required": False,
        "min": None,
        "max": None,
        "default": "",
        "choices": [],
        **more,
    }


_LONG = {"min": 0, "max": 100_000}
_TEMPLATES = {
    "converge": _Template(
        "Brings every account to what is declared for it.",
        "converge.yml",
        {"job_type": "run", "diff_mode": True, "ask_job_type_on_launch": True},
    ),
    "check": _Template(
        "Says what converge would change, and changes nothing.",
        "converge.yml",
        {"job_type": "check", "diff_mode": True},
    ),
    "change": _Template(
        "Adds, removes or retires tracking domains of one account, which the limit names.",
        "change.yml",
        {
            "job_type": "run",
            "diff_mode": True,
            "ask_job_type_on_launch": True,
            "job_slice_count": 1,
        },
        (
            _question(
                "change_present",
                "Domains that are to exist",
                "Names, one a line, e.g. track.example.com",
                "textarea",
                **_LONG,
            ),
            _question(
                "change_absent",
                "Domains that are to be removed now",
                "Names, one a line",
                "textarea",
                **_LONG,
            ),
            _question(
                "change_retiring",
                "Domains that retire",
                "Names, one a line. They are removed by the first run on or after the day below",
                "textarea",
                **_LONG,
            ),
            _question(
                "change_retire_on",
                "Day on which they retire",
                "Like 2027-12-31",
                "text",
                max=10,
            ),
        ),
    ),
    "audit": _Template(
        "Reports on the tracking domains of every account, and changes nothing.",
        "audit.yml",
        # Slices would make a report each.
        {"job_type": "run", "job_slice_count": 1},
        (
            _question(
                "audit_expires_within",
                "Days",
                "A certificate with no more days left than this is reported as expiring",
                "integer",
                min=0,
                max=3650,
            ),
        ),
    ),
    "renew_certificates": _Template(
        "Uploads certificates whose files have changed.",
        "renew_certificates.yml",
        {"job_type": "run"},
        (
            _question(
                "renew_certificates_expires_within",
                "Days",
                "Fail if a certificate has no more days left than this afterwards",
                "integer",
                min=0,
                max=3650,
            ),
        ),
    ),
}


def objects(given: t.Mapping[str, t.Any], types: t.Mapping[str, Data]) -> Data:
    """What AWX is to have.

    :param given: the user's variables, without ``awx_setup_``; null and blank count as not given.
    :param types: the collection's credential types by the names of their files, as the files have them.
    :return: ``problems``, what is wrong with the variables, as text; if nothing is, by kind (a key of
        ``_KINDS``) a list of arguments for the module of that kind; ``files``, the same as files of
        variables, by name; ``summary``, the names by kind; and ``by_hand``, what is left to do, as text.
    """
    problems: list[str] = []
    given = {name: _own(value, keep_vaulted=name == "accounts") for name, value in given.items()}
    types = _own(types)
    settings = _settings(given, problems)
    credentials = _credentials(settings, types, problems)
    accounts = _accounts(settings, credentials, types, problems)
    templates = [name for name in settings["templates"] if name in _TEMPLATES]
    for option in ("templates", "schedules", "template_variables"):
        for name in settings[option]:
            if name not in _TEMPLATES:
                problems.append(
                    f"awx_setup_{option} has {name!r}, which is none of {', '.join(_TEMPLATES)}."
                )
    has_project = settings["project_scm_url"] or settings["project_local_path"]
    if not (has_project or settings["export_to"]):
        problems.append(
            "awx_setup_project_scm_url is missing. AWX offers only playbooks that are files of a project: "
            "write one with awx_setup_export_to, push it to a repository, and give its URL. "
            "(Or give the name of a directory on AWX's own disk as awx_setup_project_local_path.)"
        )
    if problems:
        return {"problems": problems}
    name, organization = settings["name"], settings["organization"]
    made: Data = {
        "organizations": [_organization(settings)],
        "credential_types": [
            {
                key: kind[key]
                for key in ("name", "description", "kind", "inputs", "injectors")
                if key in kind
            }
            for kind in types.values()
        ],
        "credentials": credentials,
        "execution_environments": [],
        "notification_templates": [],
        "projects": [_project(settings)] if has_project else [],
        "inventories": [
            _without_blanks(
                {
                    "name": name,
                    "organization": organization,
                    "description": "A host for each account.",
                    "variables": settings["inventory_variables"],
                }
            )
        ],
        "inventory_sources": [] if accounts or not has_project else [_inventory_source(settings)],
        "hosts": [{**account, "inventory": name} for account in accounts],
        "job_templates": [_job_template(each, settings, credentials) for each in templates],
        "schedules": [
            {
                "name": f"{name}: {each.replace('_', ' ')}",
                "unified_job_template": f"{name}: {each.replace('_', ' ')}",
                "rrule": rule,
            }
            for each, rule in settings["schedules"].items()
            if rule and each in templates
        ],
    }
    if settings["execution_environment_image"]:
        made["execution_environments"] = [
            _without_blanks(
                {
                    "name": settings["execution_environment"] or name,
                    "organization": organization,
                    "image": settings["execution_environment_image"],
                    "pull": settings["execution_environment_pull"],
                    "credential": settings["execution_environment_credential"],
                }
            )
        ]
    if settings["notification"]:
        made["notification_templates"] = [
            {
                "name": name,
                "organization": organization,
                "notification_type": settings["notification"].get("notification_type"),
                "notification_configuration": settings["notification"].get(
                    "notification_configuration", {}
                ),
                # AWX does not show its secrets again, so that each run would seem to change it.
                "state": "present" if settings["update_secrets"] else "exists",
            }
        ]
    return {
        **made,
        "problems": [],
        "files": _files(made, types),
        "summary": [
            f"{title}: {', '.join(each['name'] for each in made[kind])}"
            for kind, (title, _variable) in _KINDS.items()
            if made[kind]
        ],
        "by_hand": _by_hand(settings, made, templates, types),
    }


def _own(value: t.Any, *, keep_vaulted: bool = False) -> t.Any:
    """With Python's own kinds in place of Ansible's.

    :param keep_vaulted: leave vaulted text encrypted, in the form in which AWX and inventories have it.
    """
    if isinstance(value, t.Mapping):
        return {_own(key): _own(item, keep_vaulted=keep_vaulted) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_own(item, keep_vaulted=keep_vaulted) for item in value]
    if value is None or isinstance(value, bool):
        return value
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    encrypted = getattr(value, "_ciphertext", None)
    if keep_vaulted and encrypted is not None:
        text = encrypted.decode() if isinstance(encrypted, bytes) else encrypted
        return {VAULTED: "".join([text])}
    return "".join([str(value)])


def _settings(given: t.Mapping[str, t.Any], problems: list[str]) -> Data:
    known = [*DEFAULTS, *CONNECTION]
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, 1)
            meant = f" Do you mean awx_setup_{near[0]}?" if near else ""
            problems.append(f"awx_setup_{name} is no variable of this playbook.{meant}")
    settings = dict(DEFAULTS)
    for name, value in given.items():
        if name not in DEFAULTS or value is None or value == "":
            continue
        default = DEFAULTS[name]
        if isinstance(default, bool):
            value = _switch(name, value, problems)
        elif isinstance(default, int):
            value = _number(name, value, problems)
        elif isinstance(default, (list, dict)):
            if not isinstance(value, type(default)):
                what = "list" if isinstance(default, list) else "dictionary"
                problems.append(f"awx_setup_{name} has to be a {what}.")
                continue
        else:
            value = str(value).strip()
        settings[name] = value
    return settings


def _switch(name: str, value: t.Any, problems: list[str]) -> bool:
    word = str(value).strip().lower()
    if word not in ("true", "false", "yes", "no", "1", "0"):
        problems.append(f"awx_setup_{name} has to be true or false.")
    return word in ("true", "yes", "1")


def _number(name: str, value: t.Any, problems: list[str]) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if number < 0:
        problems.append(f"awx_setup_{name} has to be a whole number, 0 or more.")
    return number


def _without_blanks(arguments: Data) -> Data:
    return {key: value for key, value in arguments.items() if value not in ("", None, {}, [])}


def _organization(settings: Data) -> Data:
    """One that is there stays as it is, unless credentials for it are given."""
    if settings["galaxy_credentials"]:
        return {
            "name": settings["organization"],
            "galaxy_credentials": settings["galaxy_credentials"],
            "state": "present",
        }
    return {"name": settings["organization"], "state": "exists"}


def _credentials(settings: Data, types: t.Mapping[str, Data], problems: list[str]) -> list[Data]:
    made: list[Data] = []
    taken: set[tuple[str, str]] = set()
    for number, entry in enumerate(settings["credentials"], start=1):
        if not isinstance(entry, dict) or not entry.get("type"):
            problems.append(
                f"Entry {number} of awx_setup_credentials has no type: one of {', '.join(types)}, "
                "or the name of a credential type of AWX, such as Vault."
            )
            continue
        kind = str(types.get(entry["type"], {}).get("name", entry["type"]))
        # AWX compares what it has with this: what is blank is left out.
        inputs = _without_blanks(entry.get("inputs") or {})
        declared = types.get(entry["type"], {}).get("inputs", {})
        fields = [each["id"] for each in declared.get("fields", [])]
        for lacking in declared.get("required", []):
            if lacking not in inputs:
                problems.append(
                    f"Entry {number} of awx_setup_credentials ({kind}) lacks {lacking}."
                )
        for name in inputs:
            if fields and name not in fields:
                problems.append(
                    f"Entry {number} of awx_setup_credentials ({kind}) has {name}, "
                    f"which is none of {', '.join(fields)}."
                )
        for name, value in inputs.items():
            if not isinstance(value, (str, bool)):
                problems.append(
                    f"Entry {number} of awx_setup_credentials ({kind}): {name} has to be text: write it "
                    f"in quotes. YAML has read it as {value!r}, and a zero at its start is lost."
                )
        one_of_a_kind = (kind, str(inputs.get("vault_id", "")))
        if one_of_a_kind in taken:
            problems.append(
                f"awx_setup_credentials has two of the type {kind}, and a job of AWX takes one of a type. "
                "For several accounts at a provider declare a host each, with its secrets vaulted, in the "
                "project's inventory or in awx_setup_accounts."
            )
        taken.add(one_of_a_kind)
        made.append(
            {
                "name": entry.get("name")
                or f"{settings['name']}: {kind.rsplit(': ', maxsplit=1)[-1]}",
                "organization": settings["organization"],
                "credential_type": kind,
                "inputs": inputs,
                "update_secrets": settings["update_secrets"],
            }
        )
    return made


def _accounts(
    settings: Data, credentials: list[Data], types: t.Mapping[str, Data], problems: list[str]
) -> list[Data]:
    """A host for each account; where none is declared, for each credential of a provider."""
    made: list[Data] = []
    for number, entry in enumerate(settings["accounts"], start=1):
        account = {"name": entry} if isinstance(entry, str) else entry
        if not isinstance(account, dict) or not account.get("name"):
            problems.append(f"Entry {number} of awx_setup_accounts has no name.")
            continue
        variables = account.get("variables") or {}
        for name, value in variables.items():
            if name.endswith(_SECRET) and not (isinstance(value, dict) and VAULTED in value):
                problems.append(
                    f"awx_setup_accounts: {name} of {account['name']} is a secret, which everybody who may "
                    "see the inventory could read. Give it as ansible-vault encrypt_string writes it, or put "
                    "it into a credential (awx_setup_credentials)."
                )
        made.append({"name": str(account["name"]), "variables": _referred(variables)})
    if not settings["accounts"]:
        given = {each["credential_type"] for each in credentials}
        made = [
            {"name": name, "variables": {"tracking_domain_provider": name}}
            for name, kind in types.items()
            if kind["name"] in given and name in PROVIDERS
        ]
    return made


def _referred(variables: Data) -> Data:
    """With vaulted text in variables of their own: ansible-core 2.16 takes it in no option of a role."""
    made: Data = {}
    for name, value in variables.items():
        if isinstance(value, dict) and VAULTED in value:
            made[name] = f"{{{{ vault_{name} }}}}"
            made[f"vault_{name}"] = value
        else:
            made[name] = value
    return made


def _project(settings: Data) -> Data:
    arguments = {"name": settings["name"], "organization": settings["organization"]}
    if settings["project_scm_url"]:
        return {
            **arguments,
            **_without_blanks(
                {
                    "scm_type": "git",
                    "scm_url": settings["project_scm_url"],
                    "scm_branch": settings["project_scm_branch"],
                    "credential": settings["project_scm_credential"],
                }
            ),
            "scm_update_on_launch": settings["project_update_on_launch"],
        }
    return {**arguments, "scm_type": "manual", "local_path": settings["project_local_path"]}


def _inventory_source(settings: Data) -> Data:
    """The project's own inventory; what is vaulted in it stays vaulted in AWX."""
    return {
        "name": settings["name"],
        "inventory": settings["name"],
        "organization": settings["organization"],
        "source": "scm",
        "source_project": settings["name"],
        "source_path": settings["inventory_file"],
        "overwrite": True,
        "overwrite_vars": True,
        "update_on_launch": True,
    }


def _job_template(name: str, settings: Data, credentials: list[Data]) -> Data:
    template = _TEMPLATES[name]
    environment = settings["execution_environment"]
    if settings["execution_environment_image"]:
        environment = environment or settings["name"]
    variables = dict(settings["template_variables"].get(name) or {})
    if name == "audit":
        variables.setdefault("audit_fail_on", _AUDIT_FAILS_ON)
    title = f"{settings['name']}: {name.replace('_', ' ')}"
    arguments = {
        "name": title,
        "description": template.does,
        "organization": settings["organization"],
        "inventory": settings["name"],
        "project": settings["name"],
        "playbook": template.playbook,
        "forks": settings["forks"],
        "timeout": settings["timeout"],
        "verbosity": settings["verbosity"],
        "job_slice_count": max(settings["slices"], 1),
        "ask_limit_on_launch": True,
        **template.arguments,
        **_without_blanks(
            {
                "execution_environment": environment,
                "credentials": [
                    *(each["name"] for each in credentials),
                    *settings["job_credentials"],
                ],
                "extra_vars": variables,
            }
        ),
    }
    if settings["notification"]:
        arguments["notification_templates_error"] = [settings["name"]]
    if template.questions and settings["surveys"]:
        arguments["survey_enabled"] = True
        arguments["survey_spec"] = {
            "name": title,
            "description": template.does,
            "spec": [dict(question) for question in template.questions],
        }
    return arguments


def _by_hand(
    settings: Data, made: Data, templates: list[str], types: t.Mapping[str, Data]
) -> list[str]:
    """What this cannot do, as sentences."""
    left = []
    if settings["export_to"]:
        left.append(
            "The files have variables in place of secrets (vault_awx_...): define them, encrypted by "
            "ansible-vault."
        )
        if not made["projects"]:
            left.append(
                f"Push {settings['export_to']} to a Git repository, and give its URL as "
                "awx_setup_project_scm_url."
            )
    if not (settings["execution_environment_image"] or settings["execution_environment"]):
        left.append(
            "No execution environment was given, so jobs run in AWX's default one. It has to hold the "
            "collection, or find it by the project's collections/requirements.yml, and the Python "
            "packages requests, dnspython and cryptography. The docs say how to build one."
        )
    if not settings["galaxy_credentials"]:
        left.append(
            f"AWX installs what the project's collections/requirements.yml names only if the organization "
            f"{settings['organization']} has a Galaxy credential, and says nothing if not. Name one in "
            "awx_setup_galaxy_credentials, or have the collection in the execution environment."
        )
    in_credentials = {each["credential_type"] for each in made["credentials"]}
    needing = [
        host["name"]
        for host in made["hosts"]
        if types.get(host["variables"].get("tracking_domain_provider", ""), {}).get("name")
        not in in_credentials
        and not any(isinstance(each, dict) for each in host["variables"].values())
    ]
    if needing:
        left.append(
            f"Nothing says how to reach the accounts of {', '.join(needing)}: give their secrets, vaulted, in "
            "awx_setup_accounts, or as a credential."
        )
    if made["inventory_sources"]:
        left.append(
            f"The accounts are the hosts of the project's {settings['inventory_file']}, with its host_vars: "
            "declare them there, with secrets as ansible-vault encrypt_string writes them."
        )
    if "Vault" not in in_credentials and not settings["job_credentials"] and not in_credentials:
        left.append(
            "To decrypt what is vaulted the jobs need a Vault credential: awx_setup_credentials with the type "
            "Vault, or awx_setup_job_credentials."
        )
    if "renew_certificates" in templates:
        left.append(
            "renew_certificates reads /etc/letsencrypt/live (renew_certificates_directory) within the job's "
            "container: expose the directory to jobs in AWX's settings, or leave this template out of "
            "awx_setup_templates."
        )
    if (made["credentials"] or settings["notification"]) and not settings["update_secrets"]:
        left.append(
            "A secret that AWX has already stays as it is. To send a new one, run this once with "
            "awx_setup_update_secrets=true."
        )
    return left


# --- as files ------------------------------------------------------------------------------------


class _Unsafe(str):
    """Text with braces that is not a template of Ansible's."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: t.Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> t.Any:
        return super().increase_indent(flow, False)


def _represent_unsafe(dumper: yaml.SafeDumper, text: _Unsafe) -> yaml.ScalarNode:
    return dumper.represent_scalar("!unsafe", str(text), style="'")


_Dumper.add_representer(_Unsafe, _represent_unsafe)


def _files(made: t.Mapping[str, t.Any], types: t.Mapping[str, Data]) -> dict[str, str]:
    """The objects as files of variables, by their names; a secret is a reference to a variable."""
    secret_fields = {
        kind["name"]: {
            each["id"] for each in kind.get("inputs", {}).get("fields", []) if each.get("secret")
        }
        for kind in types.values()
    }
    texts = {}
    for kind, (_title, variable) in _KINDS.items():
        exported = [_exported(kind, entry, secret_fields) for entry in made[kind]]
        if exported:
            text = yaml.dump(
                {variable: exported}, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True
            )
            texts[f"{variable}.yml"] = f"---\n{text}"
    return texts


def _exported(kind: str, entry: Data, secret_fields: t.Mapping[str, t.Collection[str]]) -> Data:
    made = _plain(entry)
    made.pop("update_secrets", None)
    if kind == "credentials":
        secret = secret_fields.get(entry["credential_type"])
        for name in made["inputs"]:
            # Of AWX's own types it is not known here which inputs are secret.
            if secret is None or name in secret:
                made["inputs"][name] = _reference(entry["credential_type"].split(": ")[-1], name)
    if kind == "notification_templates":
        made["notification_configuration"] = _reference("notification_configuration")
    return t.cast(Data, made)


def _reference(*words: str) -> str:
    name = "_".join(word.lower().replace(" ", "_") for word in words)
    return "{{ vault_awx_" + "".join(each for each in name if each.isalnum() or each == "_") + " }}"


def _plain(value: t.Any) -> t.Any:
    """With what is no template of Ansible's marked as such."""
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return _Unsafe(value) if "{{" in value or "{%" in value else value
    return value


# --- a survey's answers --------------------------------------------------------------------------


def entries(answers: t.Mapping[str, t.Any]) -> Data:
    """What a survey asks for, as entries of ``tracking_domain_domains``.

    :param answers: ``present``, ``absent`` and ``retiring``, each text with a name a line or a list;
        ``retire_on``, a day, which ``retiring`` needs. Null and blank count as not given.
    :return: ``entries``; and ``problems``, what is wrong with the answers, as text.
    """
    made: list[Data] = [{"name": name} for name in names(answers.get("present"))]
    made += [{"name": name, "state": "absent"} for name in names(answers.get("absent"))]
    retiring = names(answers.get("retiring"))
    day = str(answers.get("retire_on") or "").strip()
    made += [{"name": name, "retire_on": day} for name in retiring]
    problems = []
    if retiring and not day:
        problems.append("Say on which day the domains retire (change_retire_on), like 2027-12-31.")
    if not made:
        problems.append("No domain was named in change_present, change_absent or change_retiring.")
    return {"entries": made, "problems": problems}


def names(value: t.Any) -> list[str]:
    """Names as text with one a line, or as a list, without blanks around; null is none."""
    if value is None:
        return []
    lines = value if isinstance(value, (list, tuple)) else str(value).splitlines()
    return [line for line in (str(each).strip() for each in lines) if line]
