"""The [adapter] table of segur.toml."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.core.errors import UsageError
from conformance.core.verdicts import ExitCode
from conformance.sut.adapters import AdapterConfig, adapter_for
from conformance.sut.http import HttpProduct
from conformance.sut.python import PythonProduct


def test_http_and_python_are_made() -> None:
    http = AdapterConfig.from_mapping({"kind": "http", "url": "http://127.0.0.1:1", "timeout_seconds": 3})
    assert isinstance(adapter_for(http), HttpProduct)
    assert isinstance(adapter_for(AdapterConfig("python", target="collections:OrderedDict")), PythonProduct)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"kind": "http", "url": "http://x", "timeout": 3}, "timeout"),
        ({"kind": "http", "url": "ftp://x"}, "ftp://x"),
        ({"kind": "http"}, "url"),
        ({"kind": "fax", "url": "http://x"}, "fax"),
        ({}, "kind"),
        ({"kind": "http", "url": "http://x", "timeout_seconds": 0}, "timeout_seconds"),
        ({"kind": "http", "url": "http://x", "timeout_seconds": "long"}, "timeout_seconds"),
        ({"kind": "http", "url": "http://x", "headers": ["a"]}, "headers"),
        ({"kind": "http", "url": 3}, "3"),
        ({"kind": "http", "url": "http://"}, "http://"),
        ({"kind": "http", "url": "http://127.0.0.1:99999"}, "99999"),
        ({"kind": "http", "url": "http://a b"}, "a b"),
        ({"kind": "http", "url": "http://x", "timeout_seconds": True}, "timeout_seconds"),
        ({"kind": "http", "url": "http://x", "headers": {"X-Key": "a\nb"}}, "headers"),
        ({"kind": "http", "url": "http://x", "headers": {"X Key": "a"}}, "headers"),
        ({"kind": "http", "url": "http://x", "headers": {"X-Key": "clé"}}, "headers"),
    ],
)
def test_a_wrong_table_is_said_in_a_sentence(values: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError) as caught:
        adapter_for(AdapterConfig.from_mapping(values))
    assert named in caught.value.sentence.fr
    assert caught.value.exit_code is ExitCode.USAGE
