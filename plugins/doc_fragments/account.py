# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that say which account, and what all modules need."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  # begin of providers (written by make generate)
  provider:
    description:
      - The email service provider whose API is used.
      - V(sendclean) is SendClean (formerly Sarv TES, now of Route Mobile).
      - V(sendcloud) is SendCloud (Aurora SendCloud, the mail service, not the Dutch shipping firm of the same
        name).
      - The options of other providers are ignored, so that C(module_defaults) can hold them all.
    type: str
    required: true
    choices:
      - sendclean
      - sendcloud
  owner_id:
    description:
      - SendClean only, where it is required. The number of the account's owner, as text.
      - If not set, the environment variable E(SENDCLEAN_OWNER_ID) is used.
    type: str
  token:
    description:
      - SendClean only, where it is required. The account's API token.
      - If not set, the environment variable E(SENDCLEAN_TOKEN) is used.
    type: str
  app_domain:
    description:
      - SendClean only, where it is required unless O(api_url) is given. The account's application domain. The
        API's address is C(https://api.) followed by it. For example V(us1-mta1.sendclean.net).
      - If not set, the environment variable E(SENDCLEAN_APP_DOMAIN) is used.
    type: str
  cname_target:
    description:
      - 'SendClean only. What the CNAME of a tracking domain has to point to. SendClean shows it in its panel,
        but its API never says it. Without it the live DNS cannot be judged: domains are added and verified,
        but one that has a CNAME still is not deleted. For example V(track.sendclean.net).'
      - If not set, the environment variable E(SENDCLEAN_CNAME_TARGET) is used.
    type: str
  api_user:
    description:
      - SendCloud only, where it is required. The name of the API user.
      - If not set, the environment variable E(SENDCLOUD_API_USER) is used.
    type: str
  api_key:
    description:
      - SendCloud only, where it is required. The key of the API user. It works in one region only, see O(region).
      - If not set, the environment variable E(SENDCLOUD_API_KEY) is used.
    type: str
  region:
    description:
      - SendCloud only. The region that the account belongs to. A key that is used in another region fails like
        a wrong key. One of V(singapore), V(china), V(us), V(hongkong).
      - If not set, the environment variable E(SENDCLOUD_REGION) is used, or else V(singapore).
    type: str
  api_url:
    description:
      - The whole base of the API's address, instead of the one that other options lead to.
      - For example V(https://api.us1-mta1.sendclean.net/v1.0) (SendClean) or V(https://api2.sendcloud.net/api)
        (SendCloud).
      - C(http://) is refused unless the host is a loopback address.
      - If not set, the environment variable E(SENDCLEAN_API_URL) or E(SENDCLOUD_API_URL) is used.
    type: str
  # end of providers
  timeout:
    description:
      - How many seconds a call to the API may take in all, from the connection to the last byte of the answer, whatever the
        server does meanwhile. At most 3600. Each try of O(retries) has as long.
    type: float
    default: 30.0
  retries:
    description:
      - How often to try again after the first time. At most 100.
      - Calls that the provider turned away because there were too many (HTTP 429 and the providers' own codes) are always
        sent again, after as long as the provider asks for, within 1 to 60 seconds, or else after increasing pauses.
      - Calls that only read are sent again after a lost connection and after HTTP 502, 503 and 504.
      - A write whose outcome is unclear is never blindly repeated. The domains are listed again, and only if it did not
        take effect, it is tried again. Where the provider answered in words, it is not, unless with HTTP 502, 503 or 504.
    type: int
    default: 5
  validate_certs:
    description:
      - Whether the certificate of the API's server is checked. Only ever switch this off for a test server.
    type: bool
    default: true
  ca_path:
    description:
      - Private CAs to trust beside the public ones, a file of certificates in PEM form or a directory of them prepared by
        C(c_rehash). For an API behind a proxy with a CA of its own.
    type: path
requirements:
  - requests >= 2.28
notes:
  - Run it on the controller, with C(hosts=localhost) or C(delegate_to=localhost). Environment variables are read on the host
    that runs the module.
  - An option that is an empty string counts as not set, as does an empty environment variable, which AWX sets for each
    field of a credential that is left blank. The provider's own options are text. One that YAML reads as a number is
    refused, because what was typed is lost (V(0012345) becomes 5349).
  - White space around the options of the connection is dropped, such as the final line break of a file.
  - Credentials go to one host only, redirects are not followed, and no secret is returned or logged.
  # begin of notes (written by make generate)
  - SendClean's panel shows owner id, token and application domain with the settings for the API; its support
    knows them as well.
  - SendClean gives its tracking domains no numbers, cannot rename a tracking domain, takes no certificates and
    binds no senders to tracking domains.
  - Whether SendClean's list shows what a verification found is not known. Where it does not, each run verifies
    the domain again, and that is no change. Check mode says that it is one, with a warning, if the list shows
    no domain of the account as verified.
  - At SendClean each mail says which domain its links have, with the header X-STes-TrackingDomain. A domain
    that no mail names is not used.
  - SendCloud's panel shows API users and their keys under Email API, API_USER Management. The region was chosen
    when the account was opened.
  - SendCloud lists 100 domains a call.
  - SendCloud writes times without their zone. They are read as UTC+8, as its documents say. If those of an account
    are UTC, all of them are eight hours early.
  - At SendCloud a domain is in force for the mail of those API_USERs alone that are bound to it. Until then
    it is verified, and not used. The option senders of the modules binds them.
  # end of notes
seealso:
  # begin of links (written by make generate)
  - name: SendClean's API
    description: SendClean's documentation of its API.
    link: https://sendclean.com/docs/email-api/tracking_domains.JSON.php
  - name: SendCloud's API
    description: SendCloud's documentation of its API.
    link: https://docs.aurorasendcloud.com/reference/email-api-authentication
  # end of links
"""
