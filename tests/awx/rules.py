# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX 24.6.1 accepts, and how it injects a credential into a job; written from its behaviour."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

Data = dict[str, Any]

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_FIELD_KEYS = {
    *("id", "label", "type", "format", "choices", "help_text", "multiline"),
    *("secret", "ask_at_runtime", "default"),
}
_QUESTION_TYPES = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": str,
    "integer": int,
    "float": float,
}


class Refused(Exception):
    """AWX answers with status 400."""


def need(condition: object, why: str) -> None:
    if not condition:
        raise Refused(why)


def check_credential_type(kind: Mapping[str, Any]) -> None:
    """:raises Refused: AWX would not take it, or would give back something else than it was sent."""
    inputs, injectors = kind["inputs"], kind["injectors"]
    need(kind["kind"] in ("cloud", "net"), "a custom type is of the kind cloud or net")
    need(set(inputs) <= {"fields", "required"}, "inputs")
    need(set(injectors) <= {"env", "file", "extra_vars"}, "injectors")
    ids = [field.get("id") for field in inputs["fields"]]
    need(len(ids) == len(set(ids)) and "tower" not in ids, "ids of fields")
    need(set(inputs.get("required", [])) <= set(ids), "required")
    for field in inputs["fields"]:
        need(set(field) <= _FIELD_KEYS, f"{field['id']}: keys")
        need(_NAME.fullmatch(field["id"]) and isinstance(field.get("label"), str), str(field))
        # AWX adds the type where it lacks, and then differs from what it was sent.
        need(field.get("type") in ("string", "boolean"), f"{field['id']}: type")
        need(field.get("format", "url") in ("ssh_private_key", "url", "vault_id"), "format")
        if "default" in field:
            need(
                isinstance(field["default"], str if field["type"] == "string" else bool), "default"
            )
        if "choices" in field:
            need(
                field["choices"] and all(isinstance(each, str) for each in field["choices"]),
                "choices",
            )
        if field["type"] != "string":
            need(not {"choices", "multiline", "format", "secret"} & set(field), str(field))
    files = injectors.get("file", {})
    for name in files:
        need(re.fullmatch(r"template(\.[a-zA-Z_][a-zA-Z0-9_]*)?", name), f"file {name}")
    need("template" not in files or len(files) == 1, "one file or several, not both")
    for name, template in injectors.get("env", {}).items():
        need(_NAME.fullmatch(name) and template.isascii(), f"env {name}")
        need(not name.startswith("ANSIBLE_"), f"{name} is not allowed")
    # A field that is not there is an error in every template.
    example = dict.fromkeys(ids, "EXAMPLE")
    _render(kind, example, lambda name, text: f"/{name}", StrictUndefined)


def inject(kind: Mapping[str, Any], given: Mapping[str, Any], directory: Path, inside: str) -> Data:
    """The environment of a job with a credential; its files are written into the directory.

    :param inside: the path of the directory as the job sees it.
    """
    values = {name: value for name, value in given.items() if isinstance(value, bool) or len(value)}
    for field in kind["inputs"]["fields"]:
        if field["type"] == "boolean":
            values.setdefault(field["id"], False)
        if field.get("format") == "ssh_private_key" and field["id"] in values:
            values[field["id"]] = values[field["id"]].rstrip("\n") + "\n"

    def write(name: str, text: str) -> str:
        path = directory / f"tmp{abs(hash((kind['name'], name))):x}"
        path.write_text(text)
        path.chmod(0o600)
        return f"{inside}/{path.name}"

    return _render(kind, values, write)


def _render(kind: Mapping[str, Any], values: Data, write: Any, undefined: Any = None) -> Data:
    jinja = ImmutableSandboxedEnvironment(**({"undefined": undefined} if undefined else {}))
    filename: Any = SimpleNamespace()
    for label, template in kind["injectors"].get("file", {}).items():
        path = write(label, jinja.from_string(template).render(**values))
        if "." in label:
            setattr(filename, label.split(".")[1], path)
        else:
            filename = path
    names = {**values, "tower": SimpleNamespace(filename=filename)}
    return {
        name: jinja.from_string(template).render(**names)
        for name, template in kind["injectors"].get("env", {}).items()
    }


def check_survey(survey: Mapping[str, Any]) -> None:
    """:raises Refused: AWX would not take it, or would store something else."""
    need(isinstance(survey.get("name"), str) and isinstance(survey.get("description"), str), "name")
    need(survey.get("spec"), "spec has no items")
    variables = [question["variable"] for question in survey["spec"]]
    need(len(variables) == len(set(variables)), "a variable twice")
    for question in survey["spec"]:
        kind = question["type"]
        need(kind in _QUESTION_TYPES, kind)
        need(isinstance(question["required"], bool), "required")
        need(isinstance(question["question_name"], str), "question_name")
        need(
            question.get("default", "") == ""
            or isinstance(question["default"], _QUESTION_TYPES[kind]),
            "default",
        )
        for bound in ("min", "max"):
            need(question.get(bound) is None or isinstance(question[bound], int), bound)
        if kind in ("multiplechoice", "multiselect"):
            need(question["choices"], "choices")


def answers(survey: Mapping[str, Any], given: Mapping[str, Any]) -> Data:
    """The extra variables of a job: what was answered, with the survey's defaults for the rest.

    :raises Refused: the API would refuse an answer.
    """
    made = {}
    for question in survey["spec"]:
        name = question["variable"]
        if name in given:
            need(isinstance(given[name], _QUESTION_TYPES[question["type"]]), f"{name}: kind")
            if question["type"] in ("text", "textarea"):
                need(len(given[name]) >= (question["min"] or 0), f"{name} is too short")
                need(len(given[name]) <= (question["max"] or 1024), f"{name} is too long")
            made[name] = given[name]
        elif question["default"] not in ("", None):
            made[name] = question["default"]
        else:
            need(not question["required"], f"{name} is required")
    return made
