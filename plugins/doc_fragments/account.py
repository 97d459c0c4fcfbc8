# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the account, and what all modules need."""

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
      - SendClean only. Required. The number of the account's owner, as text.
      - If not set, the environment variable E(SENDCLEAN_OWNER_ID) is used.
    type: str
  token:
    description:
      - SendClean only. Required. The account's API token.
      - If not set, the environment variable E(SENDCLEAN_TOKEN) is used.
    type: str
  app_domain:
    description:
      - SendClean only. Required unless O(api_url) is given. The account's application domain. The API's URL
        is C(https://api.) followed by this domain. For example V(us1-mta1.sendclean.net).
      - If not set, the environment variable E(SENDCLEAN_APP_DOMAIN) is used.
    type: str
  cname_target:
    description:
      - 'SendClean only. The target that the CNAME of a tracking domain must point to. SendClean shows it in
        its panel, but not in its API. Without it the live DNS cannot be checked: domains are added and verified,
        but the role publishes no record, and a domain that still has a CNAME is not deleted. For example V(track.sendclean.net).'
      - If not set, the environment variable E(SENDCLEAN_CNAME_TARGET) is used.
    type: str
  api_user:
    description:
      - SendCloud only. Required. The name of the API user.
      - If not set, the environment variable E(SENDCLOUD_API_USER) is used.
    type: str
  api_key:
    description:
      - SendCloud only. Required. The key of the API user. It works in one region only, see O(region).
      - If not set, the environment variable E(SENDCLOUD_API_KEY) is used.
    type: str
  region:
    description:
      - SendCloud only. The region of the account. A key that is used in another region fails like a wrong key.
        One of V(singapore), V(china), V(us), V(hongkong).
      - If not set, the environment variable E(SENDCLOUD_REGION) is used, or else V(singapore).
    type: str
  api_url:
    description:
      - The full base URL of the API. It replaces the URL that results from the other options.
      - For example V(https://api.us1-mta1.sendclean.net/v1.0) (SendClean) or V(https://api2.sendcloud.net/api)
        (SendCloud).
      - C(http://) is refused unless the host is a loopback address.
      - If not set, the environment variable E(SENDCLEAN_API_URL) or E(SENDCLOUD_API_URL) is used.
    type: str
  # end of providers
  timeout:
    description:
      - How many seconds a call to the API may take in total, from the connection to the last byte of the answer. At most 3600.
        Each try of O(retries) has its own time-out.
    type: float
    default: 30.0
  retries:
    description:
      - How often to try again after the first try. At most 100.
      - Calls that the provider refused because of a rate limit (HTTP 429 and the providers' own codes) are always sent again.
        The pause is as long as the provider asks for, between 1 and 60 seconds, or else grows with each try.
      - Calls that only read are sent again after a lost connection and after HTTP 502, 503 and 504.
      - A write with an unclear outcome is never simply repeated. The domains are listed again, and the write is tried again only
        if it did not take effect. If the provider answered with an error message, the write is not tried again, except with
        HTTP 502, 503 or 504.
    type: int
    default: 5
  validate_certs:
    description:
      - Whether to check the certificate of the API's server. Switch this off only for a test server.
    type: bool
    default: true
  ca_path:
    description:
      - Private CAs to trust in addition to the public ones, for example for a proxy that has its own CA. A file with certificates
        in PEM form, or a directory prepared by C(c_rehash).
    type: path
requirements:
  - requests >= 2.28
notes:
  - Run it on the controller, with C(hosts=localhost) or C(delegate_to=localhost). Environment variables are read on the host
    that runs the module.
  - An option or environment variable that is an empty string counts as not set. AWX sends an empty string for each field that
    is left blank.
  - The provider's own options are text. A value that YAML reads as a number is refused, because the original text is lost
    (V(0012345) becomes 5349).
  - White space around the account's options is removed, such as the final line break of a file.
  - Credentials are sent to one host only. Redirects are not followed. Secrets are never returned or logged.
  # begin of notes (written by make generate)
  - SendClean's panel shows the owner id, the token and the application domain in the settings of the API; its
    support knows them too.
  - SendClean gives its tracking domains no numbers, cannot rename a tracking domain, takes no certificates and
    binds no senders to tracking domains.
  - It is not known whether SendClean's list shows the result of a verification. If it does not, each run verifies
    the domain again, which does not count as a change. Check mode then reports a change, with a warning, if
    the list shows no domain of the account as verified.
  - At SendClean each mail names the domain of its links in the header X-STes-TrackingDomain. A domain that no
    mail names is not used.
  - SendCloud's panel shows API users and their keys under Email API, API_USER Management. The region was chosen
    when the account was opened.
  - SendCloud lists 100 domains per call.
  - SendCloud writes times without a time zone. They are read as UTC+8, as its documentation says. If an account
    has times in UTC, all of them are eight hours too early.
  - At SendCloud a domain is used only for the mail of API_USERs that are bound to it. Until then it is verified,
    but not used. The option senders of the modules binds API_USERs.
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
