"""The token server: code, refresh, revocation, over HTTP."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import requests

from conformance.simulators.mssante import Operator
from tests.simulators.mssante.clients import ERWAN_ID


def ask(operator: Operator, **form: str) -> requests.Response:
    return requests.post(operator.token_url, data=form, timeout=10)


def endpoint(operator: Operator, name: str) -> str:
    found = requests.get(operator.info["issuer"] + "/.well-known/openid-configuration", timeout=10).json()
    return str(found[name])


def active(operator: Operator, access: str) -> bool:
    answer = requests.post(endpoint(operator, "introspection_endpoint"), data={"token": access}, timeout=10).json()
    return bool(answer["active"])


def test_a_browser_comes_back_with_a_code_that_is_good_once(operator: Operator) -> None:
    asked = {"redirect_uri": "http://127.0.0.1:1/back", "login_hint": ERWAN_ID, "state": "abc", "response_type": "code"}
    answer = requests.get(endpoint(operator, "authorization_endpoint"), params=asked, timeout=10, allow_redirects=False)
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["state"] == ["abc"]
    first = ask(operator, grant_type="authorization_code", code=query["code"][0])
    assert first.json()["token_type"] == "Bearer"
    user = requests.get(
        endpoint(operator, "userinfo_endpoint"),
        headers={"Authorization": f"Bearer {first.json()['access_token']}"},
        timeout=10,
    )
    assert user.json()["SubjectNameID"] == ERWAN_ID
    assert ask(operator, grant_type="authorization_code", code=query["code"][0]).json()["error"] == "invalid_grant"


def test_a_browser_is_sent_nowhere_but_to_the_loopback(operator: Operator) -> None:
    asked = {"redirect_uri": "http://example.com/back", "login_hint": ERWAN_ID}
    answer = requests.get(endpoint(operator, "authorization_endpoint"), params=asked, timeout=10, allow_redirects=False)
    assert answer.status_code == 400


def test_a_refresh_token_renews_once(operator: Operator) -> None:
    given = ask(operator, grant_type="password", username=ERWAN_ID).json()
    renewed = ask(operator, grant_type="refresh_token", refresh_token=given["refresh_token"])
    assert active(operator, renewed.json()["access_token"])
    assert ask(operator, grant_type="refresh_token", refresh_token=given["refresh_token"]).status_code == 400


def test_an_access_token_runs_out(operator: Operator) -> None:
    access = operator.token(ERWAN_ID, seconds=0.3).access
    assert active(operator, access)
    time.sleep(0.4)
    assert not active(operator, access)


def test_revoking_one_token_ends_its_login_and_no_other(operator: Operator) -> None:
    one, other = operator.token(ERWAN_ID), operator.token(ERWAN_ID)
    requests.post(endpoint(operator, "revocation_endpoint"), data={"token": one.refresh}, timeout=10)
    assert not active(operator, one.access)
    assert active(operator, other.access)


def test_tokens_of_a_professional_can_be_ended_with_or_without_the_login(operator: Operator) -> None:
    given = operator.token(ERWAN_ID)
    operator.end_tokens(ERWAN_ID)
    assert not active(operator, given.access)
    renewed = ask(operator, grant_type="refresh_token", refresh_token=given.refresh)
    assert renewed.status_code == 200
    operator.end_tokens(ERWAN_ID, refresh_too=True)
    assert ask(operator, grant_type="refresh_token", refresh_token=renewed.json()["refresh_token"]).status_code == 400


def test_no_token_is_ever_written_into_the_journal(operator: Operator) -> None:
    given = ask(operator, grant_type="password", username=ERWAN_ID).json()
    words = "".join(str(entry) for entry in operator.entries(bodies=True))
    assert given["access_token"] not in words
    assert given["refresh_token"] not in words
