"""The roads of laboratory reports: by mail, by the DMP, and the one that is left when a product offers only one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from conformance.core.findings import Severity
from conformance.generation.lab import draw_report, make_setting
from conformance.generation.strategies import LabDocument
from conformance.harness.bench import Bench
from conformance.harness.biology import LabDesk, kinds, told
from conformance.harness.lab_batches import Batch, demand_as_the_oracle, send_batch
from conformance.harness.lab_reports import made_patient, normal, pdf_copy, result
from conformance.harness.lab_roads import DmpRoad
from conformance.harness.simulators import Simulators
from conformance.harness.story import Story
from conformance.sut.contract import OperationNotOffered, Origin
from conformance.sut.python import PythonProduct
from conformance.validation.dmp_requests import check_request
from tests.harness.limited_product import LimitedProduct

HIGH = result("Potassium", "6.8", normal("3.5", "5.1", "mmol/L"))
OPTIONS = {"patience": 0.2}


@pytest.fixture(scope="module")
def simulators() -> Iterator[Simulators]:
    started = Simulators()
    yield started
    started.close()


@pytest.fixture
def make_bench(simulators: Simulators, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., Bench]:
    """A bench for this test, with a product of its own, which knows nothing yet."""

    def made(*missing: str) -> Bench:
        for name in ("mssante", "dmp"):
            simulators.configured.discard(name)
        simulators.not_offered.clear()
        product = PythonProduct(LimitedProduct(*missing))
        return Bench(product, Story(None), tmp_path, OPTIONS, test=request.node.name, simulators=simulators)

    return made


@pytest.mark.parametrize(
    ("missing", "road", "origin"),
    [((), "", Origin.MSSANTE), (("poll_mailbox",), "", Origin.DMP), ((), "dmp", Origin.DMP)],
)
def test_reports_come_by_the_road_asked_for_else_by_the_first_that_is_offered(
    make_bench: Callable[..., Bench], missing: tuple[str, ...], road: str, origin: Origin
) -> None:
    desk = LabDesk(make_bench(*missing), *([road] if road else []))
    sent = desk.send(HIGH)
    assert desk.line(sent).origin is origin
    assert told(kinds(desk.result(sent)))
    assert [where.en for where, _ in desk.lists(sent)][1:] == (["list to read"] if origin is Origin.MSSANTE else [])


@pytest.mark.parametrize(("missing", "closed"), [("search_dmp", "dmp"), ("poll_mailbox", "mssante")])
def test_a_test_of_a_road_that_is_not_offered_says_so_and_the_others_go_on(
    make_bench: Callable[..., Bench], missing: str, closed: str
) -> None:
    bench = make_bench(missing)
    with pytest.raises(OperationNotOffered) as error:
        LabDesk(bench, closed).send(HIGH)
    assert missing in str(error.value)
    desk = LabDesk(bench)
    assert told(kinds(desk.line(desk.send(HIGH))))


def test_what_the_laboratory_feeds_breaks_no_rule(make_bench: Callable[..., Bench]) -> None:
    desk = LabDesk(make_bench(), "dmp")
    first = desk.send(HIGH)
    assert first.edition is not None
    desk.send(result("Potassium", "4.2"), patient=first.patient, edition=first.edition.next())
    road = desk.road("dmp")
    assert isinstance(road, DmpRoad)
    dmp = road.dmp.dmp
    fed = dmp.exchanges("td2.1", bodies=True)[-2:]
    for entry in fed:
        (outcome,) = check_request(dmp.request_of(entry), documents=False)
        assert [finding for finding in outcome.findings if finding.severity is Severity.ERROR] == []
    metadata = dmp.document(first.unique_id)
    assert metadata is not None
    assert metadata.status.endswith("Deprecated")


def test_drawn_reports_go_by_the_dmp_in_one_lot(make_bench: Callable[..., Bench]) -> None:
    random = Random(5)
    patient = made_patient(random)
    settings = [replace(make_setting(random, patient), copy=pdf_copy()) for _ in range(3)]
    drawn = tuple(LabDocument(draw_report(random, setting), setting) for setting in settings)
    desk = LabDesk(make_bench(), "dmp")
    sent = send_batch(desk, Batch(patient.sex, patient.born, drawn))
    demand_as_the_oracle(desk, sent)
    assert {desk.line(one).origin for one in sent} == {Origin.DMP}
