"""The http adapter: each way in which a product can misbehave has its own error, and a sentence."""

from __future__ import annotations

import json
import socket

import pytest

from conformance.core.errors import AdapterError, Blame, OperationNotOffered, ProductError, SegurError
from conformance.core.verdicts import ExitCode
from conformance.sut import http
from conformance.sut.contract import About, ProductRefused
from conformance.sut.http import HttpProduct
from tests.sut.hostile import (
    Script,
    dies_in_the_middle,
    drips,
    floods,
    hangs_up,
    hostile_product,
    says,
    says_nothing,
)

ABOUT = {"name": "Doc", "version": "1", "vendor": "Éditeur", "contract_version": "1.0", "operations": ["about"]}


def ask(script: Script, timeout: float = 5.0) -> About:
    with hostile_product(script) as url:
        return HttpProduct(url, timeout).about()


def refused(script: Script, timeout: float = 5.0) -> SegurError:
    with pytest.raises(SegurError) as caught:
        ask(script, timeout)
    error = caught.value
    for sentence in (error.sentence, error.hint):
        assert sentence.fr.endswith((".", "».")), sentence.fr
        assert "Traceback" not in sentence.fr
        assert sentence.en
        assert sentence.en != sentence.fr
    return error


def test_a_good_answer_is_read() -> None:
    assert ask(says("200 OK", json.dumps(ABOUT).encode())).vendor == "Éditeur"


def test_a_product_that_is_not_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(AdapterError) as caught:
        HttpProduct(f"http://127.0.0.1:{port}", 5).about()
    assert caught.value.code == "adapter.unreachable"
    assert str(port) in caught.value.sentence.fr
    assert caught.value.exit_code is ExitCode.BENCH_ERROR


@pytest.mark.parametrize("script", [says_nothing, drips], ids=["hangs", "drips"])
def test_a_product_that_hangs_is_too_slow(script: Script) -> None:
    error = refused(script, timeout=0.6)
    assert error.code == "adapter.timeout"
    assert "0.6" in error.sentence.fr


@pytest.mark.parametrize("script", [hangs_up, dies_in_the_middle], ids=["hangs up", "dies in the middle"])
def test_a_product_that_dies_is_cut(script: Script) -> None:
    assert refused(script).code == "adapter.cut"


def test_an_endless_answer_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_BYTES", 3_000_000)
    error = refused(floods)
    assert error.code == "adapter.too-long"
    assert "3 Mo" in error.sentence.fr


@pytest.mark.parametrize(
    ("script", "seen"),
    [
        (says("200 OK", b"<html><h1>Accueil</h1>", "text/html"), "Accueil"),
        (says("200 OK", b"<html>", "application/json"), "<html>"),
        (says("200 OK", b""), "about"),
        (says("200 OK", b"[]"), "[]"),
        (says("200 OK", json.dumps({**ABOUT, "colour": "blue"}).encode()), "colour"),
        (says("200 OK", json.dumps({**ABOUT, "name": 3}).encode()), "name"),
        (says("200 OK", json.dumps({k: v for k, v in ABOUT.items() if k != "vendor"}).encode()), "vendor"),
        (says("200 OK", '{"name": "é'.encode("latin-1")), "about"),
        (says("302 Found", b"", Location="/login"), "302"),
        (says("404 Not Found", b"<html>no such page", "text/html"), "404"),
    ],
    ids=[
        "html",
        "html as json",
        "empty",
        "list",
        "extra key",
        "wrong type",
        "missing key",
        "latin-1",
        "redirect",
        "404",
    ],
)
def test_an_answer_outside_the_contract_is_the_adapters_fault(script: Script, seen: str) -> None:
    error = refused(script)
    assert error.code == "adapter.garbage"
    assert error.blame is Blame.ADAPTER
    assert seen in error.sentence.fr


def test_501_is_not_offered() -> None:
    error = refused(says("501 Not Implemented", b"<html>", "text/html"))
    assert isinstance(error, OperationNotOffered)
    assert "about" in error.sentence.fr


@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Service Unavailable"])
def test_5xx_is_the_products_failure(status: str) -> None:
    error = refused(says(status, b"oops: disk full", "text/plain"))
    assert type(error) is ProductError
    assert "disk full" in error.sentence.fr


def test_a_refusal_carries_its_reason() -> None:
    body = json.dumps({"code": "ins_status", "message": "Pas en une fois."}).encode()
    error = refused(says("409 Conflict", body))
    assert isinstance(error, ProductRefused)
    assert (error.operation, error.status, error.reason, error.words) == (
        "about",
        409,
        "ins_status",
        "Pas en une fois.",
    )


def test_what_must_not_be_shown_is_masked() -> None:
    error = refused(says("500 X", b"failed for 279035121518989", "text/plain"))
    assert "279035121518989" not in str(error)
    assert "279" in str(error)


def test_ids_are_escaped_in_the_path() -> None:
    seen: list[bytes] = []

    def script(connection: socket.socket) -> None:
        seen.append(b"answered")
        says("404 Not Found", b'{"code": "unknown", "message": "inconnu"}')(connection)

    with hostile_product(script) as url, pytest.raises(ProductRefused):
        HttpProduct(url, 5).read_patient("../../reset")
    assert seen == [b"answered"]
