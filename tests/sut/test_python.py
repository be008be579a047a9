"""The python adapter: an object in a module, checked as a wire would be."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from conformance.core.errors import AdapterError, OperationNotOffered, ProductError, UsageError
from conformance.sut.contract import About, ProductRefused
from conformance.sut.python import PythonProduct, load

ABOUT = About(name="Doc", version="1", vendor="V", contract_version="1.0", operations=("about",))


class Answering:
    """A product that answers what it was made with."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def about(self) -> Any:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def test_an_object_that_keeps_to_the_contract_is_read() -> None:
    assert PythonProduct(Answering(ABOUT)).about() == ABOUT


def test_a_method_that_is_missing_is_not_offered() -> None:
    with pytest.raises(OperationNotOffered, match="outgoing"):
        PythonProduct(Answering(ABOUT)).outgoing()


def test_a_method_that_is_not_implemented_is_not_offered() -> None:
    with pytest.raises(OperationNotOffered):
        PythonProduct(Answering(NotImplementedError())).about()


@pytest.mark.parametrize("answer", [None, {"name": "Doc"}, "Doc", 3])
def test_an_answer_of_another_shape_is_the_adapters_fault(answer: Any) -> None:
    with pytest.raises(AdapterError) as caught:
        PythonProduct(Answering(answer)).about()
    assert caught.value.code == "adapter.garbage"


def test_a_model_with_a_wrong_value_is_the_adapters_fault() -> None:
    wrong = About(name="", version="1", vendor="V", contract_version="one", operations=("about",))
    with pytest.raises(AdapterError, match="contract_version"):
        PythonProduct(Answering(wrong)).about()


@pytest.mark.parametrize("error", [ValueError("boom"), KeyError("x"), SystemExit(3)])
def test_an_exception_is_the_products_failure(error: BaseException) -> None:
    with pytest.raises(ProductError, match=type(error).__name__):
        PythonProduct(Answering(error)).about()


def test_a_refusal_goes_through_as_it_is() -> None:
    refusal = ProductRefused("about", 409, "no", "Non.")
    with pytest.raises(ProductRefused) as caught:
        PythonProduct(Answering(refusal)).about()
    assert caught.value is refusal


def test_a_product_that_hangs_is_too_slow() -> None:
    release = threading.Event()

    class Hanging:
        def about(self) -> About:
            release.wait(20)
            return ABOUT

    try:
        with pytest.raises(AdapterError) as caught:
            PythonProduct(Hanging(), timeout=0.2).about()
        assert caught.value.code == "adapter.timeout"
    finally:
        release.set()


def test_a_document_must_be_bytes() -> None:
    class Textual:
        def read_document(self, document_id: str) -> str:
            return "<xml/>"

    with pytest.raises(AdapterError, match="bytes"):
        PythonProduct(Textual()).read_document("d")


@pytest.mark.parametrize("target", ["", "json", "json:", ":dumps", "no.such.module:x", "json:no_such", "json:a:b"])
def test_a_target_that_cannot_be_loaded_is_a_configuration_error(target: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(target)
    assert caught.value.code == "config.adapter"
    assert target in caught.value.sentence.fr


def test_a_class_is_made_into_an_instance() -> None:
    assert load("collections:OrderedDict") == {}


def test_an_attribute_that_fails_is_the_product_s_failure() -> None:
    class Crooked:
        @property
        def reset(self) -> None:
            raise OSError("no connection")

    with pytest.raises(ProductError) as caught:
        PythonProduct(Crooked()).reset()
    assert "no connection" in caught.value.sentence.en
