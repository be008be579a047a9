"""The pytest plugin of the profiles: options, fixtures, and the run as a stream of events.

``profiles/conftest.py`` loads it, so that ``pytest profiles/vsm --segur segur.toml`` does the same as
``segur run --profile vsm``. Under xdist each worker tells its own tests; the controller tells the run.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from conformance.core.declarations import Declarations, read_declarations
from conformance.core.errors import AdapterError, OperationNotOffered, ProductError, SegurError, UsageError
from conformance.core.events import FactsOfTest, bilingual
from conformance.core.language import Text, choose_language
from conformance.core.recorder import Recorder
from conformance.core.verdicts import Verdict
from conformance.harness.bench import Bench, bench_for
from conformance.harness.catalogue import catalogue
from conformance.harness.config import DEFAULT_NAME, Config, read_config
from conformance.harness.judgement import judge
from conformance.harness.marks import MARK, CheckFacts, facts_of
from conformance.harness.profile import all_profiles, profile
from conformance.harness.run_header import run_started
from conformance.harness.simulators import Simulators
from conformance.harness.story import Story
from conformance.harness.watched import Watched
from conformance.sut.adapters import adapter_for
from conformance.sut.check import require_contract
from conformance.sut.contract import Product

_STATE = pytest.StashKey["RunState"]()
_RAISED = pytest.StashKey[BaseException | None]()


class RunState:
    """What one pytest process of a run holds."""

    def __init__(self, config: Config, folder: Path, seed: int, explore: bool, worker: str) -> None:
        self.config = config
        self.folder = folder
        self.seed = seed
        self.explore = explore
        self.worker = worker
        self.strict = config.strict
        self.started = False
        self.attested: tuple[str, ...] = ()
        self.declared = Declarations()
        self.recorder = Recorder(folder, worker)
        self.story = Story(self.recorder)
        self.adapter: Product | None = adapter_for(config.adapter) if config.adapter else None
        """The product as its adapter gives it; a description of the adapter that cannot be understood stops the run."""
        self._product: Watched | None = None
        self.verdicts: dict[str, Verdict] = {}
        self.exit_code: int | None = None
        self.simulators = Simulators()
        self.shared: tuple[dict[str, str], str] | None = None
        """The simulators that all workers use, and where the workers meet."""

    @property
    def controller(self) -> bool:
        """Whether this process tells the run (the only one, or the controller of xdist)."""
        return self.worker == "main"

    def product(self) -> Watched:
        """The product under test; made on first use. Raises ``UsageError`` without an adapter."""
        if self._product is None:
            if self.adapter is None:
                where = self.config.path or DEFAULT_NAME
                raise UsageError(
                    "config.no-adapter",
                    Text(
                        f"{where} ne dit pas comment joindre le produit.",
                        f"{where} does not say how to reach the product.",
                    ),
                    Text(
                        'Ajoutez une table [adapter] (kind = "http", url = …).',
                        'Add a table [adapter] (kind = "http", url = …).',
                    ),
                )
            self._product = Watched(self.adapter, self.story)
            try:
                require_contract(self.adapter.about())
            except AdapterError as error:
                if error.code == "adapter.garbage":  # who it is cannot be understood: nor can anything else
                    self._product.broken = error
                else:
                    self._product.failed("about", error)
            except SegurError:  # it does not say who it is: the tests that ask will tell
                pass
        return self._product


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a run; ``segur run`` gives them all."""
    group = parser.getgroup("segur", "segur-conformance")
    group.addoption("--segur", metavar="FILE", help="segur.toml of the product under test")
    group.addoption(
        "--segur-instance",
        action="append",
        default=[],
        metavar="FILE",
        help="segur.toml of a further instance of the product: each process of -n has one of its own",
    )
    group.addoption("--segur-report", metavar="DIR", help="folder of the run (default: [run] report)")
    group.addoption("--segur-seed", type=int, help="seed of what is drawn (default: [run] seed, else 0)")
    group.addoption("--explore", action="store_true", help="draw with a new seed")
    group.addoption("--record", metavar="FILE", help="play property tests on this saved counterexample only")
    group.addoption("--segur-strict", action="store_true", help="requirements left to a person count")
    group.addoption("--segur-command", metavar="TEXT", help="the command that the replay lines begin with")
    group.addoption("--requirement", action="append", default=[], metavar="ID", help="only tests of this requirement")


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the run when ``--segur`` names a product."""
    config.addinivalue_line(
        "markers", f"{MARK}(facts): what a test of a profile checks (conformance.harness.marks.check)"
    )
    file = config.getoption("--segur")
    if file is None:
        return
    instances = [file, *config.getoption("--segur-instance")]
    processes = getattr(config.option, "numprocesses", None) or 1
    if 1 < len(instances) < processes:
        raise pytest.UsageError(
            f"-n {processes} for {len(instances)} instances: --segur-instance once for each process"
        )
    try:
        config.stash[_STATE] = _prepare(config, Path(instances[_rank(config) % len(instances)]))
    except SegurError as error:
        raise pytest.UsageError(str(error)) from None


def _rank(config: pytest.Config) -> int:
    """Which process of xdist this is, from 0; the controller counts as the first."""
    worker_input = getattr(config, "workerinput", None)
    return 0 if worker_input is None else int(str(worker_input["workerid"]).removeprefix("gw"))


def _prepare(config: pytest.Config, file: Path) -> RunState:
    settings = read_config(file)
    if settings.lang and not os.environ.get("SEGUR_LANG"):
        choose_language(settings.lang)
    worker_input = getattr(config, "workerinput", None)
    if worker_input is not None:  # an xdist worker: the controller has chosen
        seed, folder = worker_input["segur_seed"], Path(worker_input["segur_folder"])
        worker = str(worker_input["workerid"])
    else:
        given = config.getoption("--segur-seed")
        seed = settings.seed if given is None else given
        if config.getoption("--explore"):
            seed = secrets.randbelow(2**31)
        base = file.resolve().parent / settings.report
        folder = Path(config.getoption("--segur-report") or base).resolve()
        worker = "main"
    hypothesis.settings.register_profile(
        "segur", database=None, deadline=None, print_blob=False, suppress_health_check=list(hypothesis.HealthCheck)
    )
    hypothesis.settings.load_profile("segur")
    hypothesis.core.global_force_seed = seed
    state = RunState(settings, folder, seed, bool(config.getoption("--explore")), worker)
    if worker_input is not None and not config.getoption("--segur-instance"):
        state.simulators = Simulators(worker_input["segur_simulators"], Path(worker_input["segur_meeting"]))
    state.strict = settings.strict or bool(config.getoption("--segur-strict"))
    if state.controller:
        known = {each.id for each in catalogue()}
        state.declared = read_declarations(file.resolve().parent, known, state.recorder.store)
    return state


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist: hand the seed and the folder to a worker."""
    state = node.config.stash.get(_STATE, None)
    if state is not None:
        node.workerinput["segur_seed"] = state.seed
        node.workerinput["segur_folder"] = str(state.folder)
        if node.config.getoption("--segur-instance"):
            return  # with a product of its own, each has simulators of its own
        if state.shared is None:
            state.shared = state.simulators.start(_needed(node.config)), str(state.simulators.share())
        node.workerinput["segur_simulators"], node.workerinput["segur_meeting"] = state.shared


def _needed(config: pytest.Config) -> tuple[str, ...]:
    """The simulators that the profiles on the command line need."""
    asked = [Path(argument.partition("::")[0]).resolve() for argument in config.args]
    return tuple(
        dict.fromkeys(
            name
            for each in all_profiles()
            if any(
                each.folder.resolve() in (path, *path.parents) or path in each.folder.resolve().parents
                for path in asked
            )
            for name in each.simulators
        )
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the requirements asked for, long ones first in a process that shares them.

    An unknown id stops the collection.
    """
    wanted = {catalogue().requirement(name).id for name in config.getoption("--requirement")}
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        facts = facts_of(item)
        if facts is not None:
            known = {catalogue().requirement(name).id for name in facts.requirements}  # an unknown id stops here
            (kept if not wanted or known & wanted else dropped).append(item)
        else:
            (dropped if wanted else kept).append(item)
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept
    if hasattr(config, "workerinput"):  # else one process might end alone, with what takes longest
        items.sort(key=lambda item: not getattr(facts_of(item), "long", False))


@pytest.hookimpl(tryfirst=True)  # before xdist tells the controller that this worker is ready
def pytest_collection_finish(session: pytest.Session) -> None:
    """Say which tests this run has to play, after its header."""
    state = session.config.stash.get(_STATE, None)
    if state is None or session.config.getoption("--collect-only"):
        return
    tests = [facts_for(item, facts) for item in session.items if (facts := facts_of(item))]
    if state.controller:
        _start_run(state, session.config, tests)
    if tests:
        state.recorder.select(tests)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any) -> None:
    """xdist: the controller collects nothing itself; the first worker to be ready has written its selection."""
    state = node.config.stash.get(_STATE, None)
    if state is not None and not state.started:
        _start_run(state, node.config, state.recorder.selected())


def _start_run(state: RunState, config: pytest.Config, tests: list[FactsOfTest]) -> None:
    state.started = True
    names = sorted({test["profile"] for test in tests} or set(state.config.selected))
    selection = " ".join(config.getoption("--requirement")) or config.getoption("-k") or ""
    covered = [name for test in tests for name in test["requirements"]]
    found = [profile(name) for name in names]
    header = run_started(state.config, _fresh(state), found, covered, state.seed, state.explore, selection)
    header["strict"] = state.strict
    state.declared.add_to(header)
    state.attested = tuple(name for each in found for name in each.attested)
    state.recorder.start_run(header)


def _fresh(state: RunState) -> Product | None:
    """The product, started afresh where it offers that; ``None`` when it cannot be reached (each test will say so).

    Asked of the adapter itself: before the header nothing may be told.
    """
    if state.adapter is None:
        return None
    try:
        with suppress(OperationNotOffered, ProductError):
            state.adapter.reset()
    except SegurError:
        return None
    return state.adapter


def facts_for(item: pytest.Item, facts: CheckFacts) -> FactsOfTest:
    """A test as the event stream describes it."""
    return {
        "id": test_id(item),
        "title": bilingual(facts.title),
        "description": bilingual(facts.description),
        "profile": profile_name(item),
        "requirements": [catalogue().requirement(name).id for name in facts.requirements],
        "scenarios": list(facts.scenarios),
        "proofs": list(facts.proofs),
    }


def profile_name(item: pytest.Item) -> str:
    """The profile whose folder holds the test."""
    return _profile_of(item.path)


@cache
def _profile_of(path: Path) -> str:
    folders = {known.folder.resolve(): known.name for known in all_profiles()}
    return next((folders[parent] for parent in path.resolve().parents if parent in folders), "")


def test_id(item: pytest.Item) -> str:
    """``profiles/<profile>/<file>::<test>``, the same in a checkout and in an installed kit."""
    name = profile_name(item)
    inner = item.nodeid.partition("::")[2]
    return f"profiles/{name}/{item.path.name}::{inner}" if name else item.nodeid


test_id.__test__ = False  # type: ignore[attr-defined]  # a helper, not a test


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """The product, the story, the options and the pipeline, for one test; other processes play beside it."""
    state = request.config.stash.get(_STATE, None)
    if state is None:
        pytest.skip("a profile needs --segur segur.toml")
    name = profile_name(request.node)
    options = profile(name).options_from(state.config.profiles.get(name, {}), state.config.path or Path(DEFAULT_NAME))
    record = request.config.getoption("--record")
    replayed = Path(record) if record else None
    test = test_id(request.node)
    pack = state.config.pack.get("name", "")
    with state.simulators.together():
        made = bench_for(
            state.product(), state.story, state.folder, options, state.seed, replayed, test, state.simulators, pack
        )
        with made.ending:
            yield made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Tell the story of one test, and judge it."""
    state = item.config.stash.get(_STATE, None)
    facts = facts_of(item)
    if state is None or facts is None:
        return (yield)
    identifier = test_id(item)
    item.stash[_RAISED] = None
    state.story.reset()
    state.recorder.start_test(facts_for(item, facts))
    started = time.perf_counter()
    try:
        return (yield)
    finally:
        raised = item.stash[_RAISED]
        if raised is not None:
            state.story.flush()
        judgement = judge(raised, state.story.work)
        state.verdicts[identifier] = judgement.verdict
        state.recorder.finish_test(
            judgement.verdict,
            message=judgement.message,
            reason=judgement.reason,
            duration=time.perf_counter() - started,
            replay=replay_line(item, state),
            failure=_account(raised),
        )


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Keep the exception itself: the reports that xdist sends have only its text."""
    if call.excinfo is not None and item.stash.get(_RAISED, None) is None:
        item.stash[_RAISED] = call.excinfo.value


def replay_line(item: pytest.Item, state: RunState) -> str:
    """The command that plays this test again."""
    config = state.config.path.name if state.config.path else DEFAULT_NAME
    test = item.name.partition("[")[0]
    command = item.config.getoption("--segur-command") or f"segur run --config {config}"
    line = f"{command} --profile {profile_name(item)} --test {test} --seed {state.seed}"
    saved = state.story.counterexample
    return f"{line} --record {saved}" if saved else line


def _account(raised: BaseException | None) -> str:
    return "" if raised is None else f"{type(raised).__name__}: {raised}"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the footer, unless the run was interrupted; the exit code is ours."""
    state = session.config.stash.get(_STATE, None)
    if state is None or not state.controller or session.config.getoption("--collect-only"):
        return
    cut = (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)
    interrupted = session.exitstatus in cut or session.shouldstop
    if not interrupted and state.started:
        state.exit_code = int(
            state.recorder.finish_run(attested=state.declared.verdicts(state.attested), strict=state.strict)
        )
        # What pytest thinks of passed and failed is not the table of exit codes: ours is.
        session.exitstatus = state.exit_code
    state.recorder.close()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the simulators that this process started."""
    state = config.stash.get(_STATE, None)
    if state is not None:
        state.simulators.close()


def state_of(config: pytest.Config) -> RunState | None:
    """The state of the run in a pytest configuration, for the code that started it."""
    return config.stash.get(_STATE, None)
