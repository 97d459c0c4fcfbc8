# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what the rest of the collection says of the providers from what their own files say, and what
several modules' documentation says alike from ``module_docs.yml``.

``generate.py`` writes it; ``generate.py --check`` changes nothing, names the files that differ and then
fails. In a file that people write as well, only what stands between the marks is replaced.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import module_docs
import role_variables
import yaml
from importable import CHECKOUT, make_importable

make_importable()

from ansible_collections.mailops.email.plugins.module_utils._providers.registry import (  # noqa: E402
    PROVIDERS,
)

if TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._providers.facts import (
        Option,
        ProviderFacts,
    )

FACTS: list[ProviderFacts] = [provider.facts for provider in PROVIDERS.values()]
ROLE = "roles/tracking_domain"
CREDENTIAL_TYPES = "playbooks/files/awx/credential_types"
LICENCE = """\
# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
MARKUP = re.compile(r"\b([A-Z])\(([^()]*)\)")
# What a table says of a provider, what the notes say of one that lacks it, and the fact.
ABILITIES = (
    ("give each domain a number (`id`)", "gives its tracking domains no numbers", "has_ids"),
    ("rename a domain (`rename_from`)", "cannot rename a tracking domain", "has_rename"),
    (
        "serve HTTPS with your certificate (`certificate`)",
        "takes no certificates",
        "has_certificates",
    ),
    (
        "bind senders to a domain (`senders`)",
        "binds no senders to tracking domains",
        "has_senders",
    ),
)
Texts = dict[str, str]


# --- options --------------------------------------------------------------------------------------


def options() -> dict[str, list[tuple[ProviderFacts, Option]]]:
    """Each connection option, with those providers that have one of its name."""
    found: dict[str, list[tuple[ProviderFacts, Option]]] = {}
    for facts in FACTS:
        for name, option in facts.options.items():
            found.setdefault(name, []).append((facts, option))
    return found


def described(name: str) -> list[str]:
    """An option in paragraphs, of each provider in turn."""
    owners = options()[name]
    return [text for facts, option in owners for text in _of_one(facts, option, len(owners) == 1)]


def _of_one(facts: ProviderFacts, option: Option, alone: bool) -> Iterator[str]:
    whose = f"{facts.title} only." if alone else f"{facts.title}."
    if option.required:
        whose += " Required unless O(api_url) is given." if option.unless_api_url else " Required."
    yield f"{whose} {option.description}{_values(option)}"
    default = f", or else V({option.default})" if option.default else ""
    yield f"If not set, the environment variable E({option.env}) is used{default}."


def _values(option: Option) -> str:
    text = ""
    if option.choices:
        text += f" One of {', '.join(f'V({choice})' for choice in option.choices)}."
    if option.example:
        text += f" For example V({option.example})."
    return text


def listed(words: list[str], last: str) -> str:
    """``a, b and c``."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def url_texts() -> list[str]:
    examples = [f"V({facts.url_example}) ({facts.title})" for facts in FACTS]
    variables = [f"E({facts.url_env})" for facts in FACTS]
    return [
        "The full base URL of the API. It replaces the URL that results from the other options.",
        f"For example {listed(examples, 'or')}.",
        "C(http://) is refused unless the host is a loopback address.",
        f"If not set, the environment variable {listed(variables, 'or')} is used.",
    ]


def provider_texts() -> list[str]:
    return [
        "The email service provider whose API is used.",
        *(f"V({facts.name}) is {facts.title} ({facts.about})." for facts in FACTS),
    ]


# --- the modules' documentation --------------------------------------------------------------------


def account_options() -> dict[str, Any]:
    ignored = (
        "The options of other providers are ignored, so that C(module_defaults) can hold them all."
    )
    return {
        "provider": {
            "description": [*provider_texts(), ignored],
            "type": "str",
            "required": True,
            "choices": sorted(PROVIDERS),
        },
        **{name: {"description": described(name), "type": "str"} for name in options()},
        "api_url": {"description": url_texts(), "type": "str"},
    }


def notes() -> list[str]:
    texts = []
    for facts in FACTS:
        texts.append(facts.credentials_hint)
        lacks = [text for _name, text, fact in ABILITIES if not getattr(facts, fact)]
        if lacks:
            texts.append(f"{facts.title} {listed(lacks, 'and')}.")
        texts += facts.notes
    return texts


def links() -> list[dict[str, str]]:
    return [
        {
            "name": f"{facts.title}'s API",
            "description": f"{facts.title}'s documentation of its API.",
            "link": facts.documentation_url,
        }
        for facts in FACTS
    ]


def fragment() -> Texts:
    return {
        "providers": to_yaml(account_options(), indent=2),
        "notes": to_yaml(notes(), indent=2),
        "links": to_yaml(links(), indent=2),
    }


# --- the role --------------------------------------------------------------------------------------


def role_option(name: str) -> str:
    return f"tracking_domain_{name}"


def for_the_role(texts: list[str]) -> list[str]:
    """The same of the role's variables."""
    return [MARKUP.sub(lambda found: _for_the_role(found[1], found[2]), text) for text in texts]


def _for_the_role(kind: str, what: str) -> str:
    return f"O({role_option(what)})" if kind == "O" else f"{kind}({what})"


def role_specs() -> dict[str, Any]:
    """Blanks are taken for what is not set, and the modules know what else makes sense."""
    # What is required is checked by the role itself: Ansible would answer with all of its options.
    provider = {"type": "raw", "description": provider_texts()}
    specs: dict[str, dict[str, Any]] = {role_option("provider"): provider}
    for name, owners in options().items():
        secret = any(option.secret for _facts, option in owners)
        specs[role_option(name)] = {
            "type": "raw",
            **({"no_log": True} if secret else {}),
            "default": "",
            "description": for_the_role(described(name)),
        }
    specs[role_option("api_url")] = {
        "type": "raw",
        "default": "",
        "description": for_the_role(url_texts()),
    }
    return specs


def role_defaults() -> dict[str, str]:
    return {role_option(name): "" for name in (*options(), "api_url")}


# --- pages -----------------------------------------------------------------------------------------


def readme() -> Texts:
    return {"providers": _listed(), "abilities": _abilities(), "credentials": _credentials()}


def _listed() -> str:
    return "".join(f"- **{facts.title}** ({facts.about})\n" for facts in FACTS)


def _abilities() -> str:
    rows = [["what it can", *(facts.title for facts in FACTS)], ["---"] * (len(FACTS) + 1)]
    for text, _lacking, fact in ABILITIES:
        rows.append([text, *("yes" if getattr(facts, fact) else "no" for facts in FACTS)])
    return _table(rows)


def _table(rows: list[list[str]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _credentials() -> str:
    rows = [["provider", "option", "environment variable", "what it is"], ["---"] * 4]
    for facts in FACTS:
        for name, option in facts.options.items():
            rows.append([facts.title, f"`{name}`", f"`{option.env}`", _meaning(option)])
        rows.append([facts.title, "`api_url`", f"`{facts.url_env}`", "Another URL of the API."])
    return _table(rows) + "".join(f"\n{facts.credentials_hint}\n" for facts in FACTS)


def _meaning(option: Option) -> str:
    needed = "Required. " if option.required else ""
    if option.unless_api_url:
        needed = "Required without `api_url`. "
    default = f" If not set: {option.default}." if option.default else ""
    return f"{needed}{plain(option.description)}{default}"


def plain(text: str) -> str:
    """Without markup."""
    return MARKUP.sub(r"\2", text)


# --- AWX -------------------------------------------------------------------------------------------


def credential_type(facts: ProviderFacts) -> dict[str, Any]:
    """The type of credential of a provider; what is left blank counts as not set."""
    fields = [_field(name, option) for name, option in facts.options.items()]
    url = {"id": "api_url", "label": label("api_url"), "type": "string"}
    url["help_text"] = f"Leave it blank to use {facts.title}'s usual URL."
    variables = {name: option.env for name, option in facts.options.items()}
    variables["api_url"] = facts.url_env
    return {
        "name": f"mailops.email: {facts.title}",
        "description": f"An account at {facts.title} ({facts.about}). {facts.credentials_hint}",
        "kind": "cloud",
        "inputs": {
            "fields": [*fields, url],
            "required": [
                name
                for name, option in facts.options.items()
                if option.required and not option.unless_api_url
            ],
        },
        "injectors": {
            "env": {env: f"{{{{ {name} | default('') }}}}" for name, env in variables.items()}
        },
    }


def _field(name: str, option: Option) -> dict[str, Any]:
    field: dict[str, Any] = {"id": name, "label": label(name), "type": "string"}
    if option.secret:
        field["secret"] = True
    if option.choices:
        field["choices"] = list(option.choices)
    if option.default:
        field["default"] = option.default
    needed = f"Needed unless {label('api_url')} is given." if option.unless_api_url else ""
    example = f"For example {option.example}." if option.example else ""
    texts = (plain(option.description), example, needed)
    field["help_text"] = " ".join(text for text in texts if text)
    return field


def label(name: str) -> str:
    """``api_key`` as ``API key``."""
    short = {"api", "cname", "id", "url"}
    words = [word.upper() if word in short else word for word in name.split("_")]
    return " ".join([words[0][0].upper() + words[0][1:], *words[1:]])


# --- files -----------------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Lists are indented, as linters want them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    style = '"' if ("'" in value and "{{" in value) or not value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def to_yaml(value: Any, *, indent: int = 0) -> str:
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, width=105, allow_unicode=True)
    return "".join(f"{' ' * indent}{line}\n" for line in text.splitlines())


def between(text: str, name: str, content: str) -> str:
    """``text`` with ``content`` between the marks of ``name``."""
    begin = rf"^ *(?:#|<!--) begin of {name}\b[^\n]*\n"
    end = rf"^ *(?:#|<!--) end of {name}\b"
    pattern = re.compile(f"({begin})(.*?)(?={end})", re.MULTILINE | re.DOTALL)
    made, number = pattern.subn(lambda found: found[1] + content, text)
    if number != 1:
        raise SystemExit(
            f"{number} places are marked with the begin and the end of {name}, not one"
        )
    return made


def filled(contents: Mapping[str, str]) -> Callable[[str], str]:
    """What replaces all that is marked in a file."""

    def fill(text: str) -> str:
        for name, content in contents.items():
            text = between(text, name, content)
        return text

    return fill


def whole(content: str) -> Callable[[str], str]:
    """What replaces a file."""
    return lambda _text: content


def files() -> dict[str, Callable[[str], str]]:
    """Each file that has something to be written, and what makes its text from what it has now."""
    tags = "".join(f"  - {facts.name}\n" for facts in FACTS)
    head = f"---\n{LICENCE}\n# Written by `make generate` from the provider's own options.\n\n"
    return {
        "plugins/doc_fragments/account.py": filled(fragment()),
        **{
            f"plugins/modules/{name}.py": filled(texts)
            for name, texts in module_docs.modules(to_yaml).items()
        },
        "galaxy.yml": filled({"providers": tags}),
        "README.md": filled(readme()),
        f"{ROLE}/meta/argument_specs.yml": filled({"account": to_yaml(role_specs(), indent=6)}),
        f"{ROLE}/defaults/main.yml": filled({"account": to_yaml(role_defaults())}),
        # From the argument specs as they are then.
        f"{ROLE}/README.md": role_variables.filled,
        **{
            f"{CREDENTIAL_TYPES}/{facts.name}.yml": whole(head + to_yaml(credential_type(facts)))
            for facts in FACTS
        },
    }


def main() -> int:
    check = sys.argv[1:] == ["--check"]
    differ = []
    for name, make in files().items():
        path = CHECKOUT / name
        old = path.read_text() if path.exists() else ""
        new = make(old)
        if new != old:
            differ.append(name)
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(new)
    if differ:
        print(*differ, sep="\n")
    if check and differ:
        print("These differ from what make generate writes: run it.")
    return int(check and bool(differ))


if __name__ == "__main__":
    sys.exit(main())
