"""The story of a test: what the product was asked and what it answered, in the step where it happened."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformance.core.language import Text
from conformance.core.recorder import Recorder
from conformance.core.verdicts import Verdict
from conformance.harness.story import Story
from conformance.harness.watched import Watched
from conformance.reporting.merge import merge_run
from conformance.sut.contract import About, Alert, DocumentView, FeedingChoice
from tests.reporting.sample_run import TESTS, header

TITLE = Text("Une étape", "A step")


class Product:
    """Answers three questions of the contract."""

    def about(self) -> About:
        return About(name="Témoin", version="1", vendor="Essai", contract_version="1.0", operations=())

    def list_documents(self, patient_id: str) -> tuple[DocumentView, ...]:
        return ()

    def read_dmp_document(self, patient_id: str, unique_id: str) -> bytes:
        return b"<ClinicalDocument/>"

    def choose_feeding(self, document_id: str, choice: FeedingChoice) -> None:
        return None


@pytest.fixture
def told(tmp_path: Path) -> Any:
    """Opens a story in a run; ``told.end()`` gives its test as the report holds it."""

    class Told:
        def __init__(self) -> None:
            self.recorder = Recorder(tmp_path)
            self.recorder.start_run(header())
            self.recorder.start_test(TESTS[0])
            self.story = Story(self.recorder)
            self.product: Any = Watched(Product(), self.story)  # type: ignore[arg-type]  # as much of it as is asked

        def end(self) -> Any:
            self.recorder.finish_test(Verdict.FAIL)
            self.recorder.finish_run()
            self.recorder.close()
            return next(one for one in merge_run(tmp_path, clear=True).tests if one["id"] == TESTS[0]["id"])

        def kept(self, name: str, which: int = 0) -> str:
            test = next(one for one in merge_run(tmp_path, clear=True).tests if one["id"] == TESTS[0]["id"])
            files = [one for one in test["evidence"] if one["name"] == name]
            return (tmp_path / files[which]["path"]).read_text("utf-8")

    return Told()


def test_what_went_and_what_came_back_stand_in_their_step(told: Any) -> None:
    told.product.choose_feeding("d1", FeedingChoice(blocked=True))
    told.product.list_documents("p1")
    told.product.read_dmp_document("p1", "1.2.3")
    test = told.end()
    assert [(one["step"], one["name"], one["role"]) for one in test["evidence"]] == [
        (1, "choose_feeding.json", "sent"),
        (2, "list_documents-answer.json", "received"),
        (3, "read_dmp_document.xml", "received"),
    ]
    assert json.loads(told.kept("choose_feeding.json"))["blocked"] is True
    assert json.loads(told.kept("list_documents-answer.json")) == []


def test_an_example_held_back_is_told_step_by_step(told: Any) -> None:
    def play() -> None:
        with told.story.example(), told.story.step(TITLE):
            told.product.about()
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        play()
    told.story.flush()
    test = told.end()
    assert [(one["number"], one["parent"], one["outcome"]) for one in test["steps"]] == [
        (1, None, "failed"), (2, 1, "done"),
    ]  # fmt: skip
    assert [(one["step"], one["name"]) for one in test["evidence"]] == [(2, "about-answer.json")]


def test_an_example_that_is_forgotten_leaves_nothing(told: Any) -> None:
    with told.story.example(), told.story.step(TITLE):
        told.product.about()
    told.story.forget()
    assert told.end()["steps"] == []


def test_a_list_about_everybody_shows_what_is_new_to_the_test(told: Any) -> None:
    known, new = (Alert(alert_id=n, text=n, raised=datetime(2026, 9, 15, tzinfo=UTC)) for n in ("a", "b"))
    told.product._product.alerts = lambda: (known,)
    told.story.reset()
    told.product.alerts()
    told.story.reset()
    told.product._product.alerts = lambda: (known, new)
    for _ in range(2):  # asked twice, the same test sees it twice
        told.product.alerts()
    told.end()
    shown = json.loads(told.kept("alerts-answer.json", -1))
    assert shown["shown_to_other_tests_before"] == 1
    assert [one["alert_id"] for one in shown["new_or_changed"]] == ["b"]
    assert told.kept("alerts-answer.json", -1) == told.kept("alerts-answer.json", -2)
