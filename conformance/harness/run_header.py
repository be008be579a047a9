"""The header of a run: which product, which kit, which profiles and requirements, with which seed."""

from __future__ import annotations

import platform
import uuid
from collections.abc import Sequence

from conformance import __version__
from conformance.core.errors import SegurError
from conformance.core.events import ProductFacts, RequirementFacts, RunStarted, bilingual
from conformance.core.language import current_language
from conformance.harness.catalogue import Requirement, catalogue
from conformance.harness.config import Config
from conformance.harness.profile import Profile
from conformance.harness.versions import versions
from conformance.sut.contract import Product


def run_started(
    config: Config,
    product: Product | None,
    profiles: Sequence[Profile],
    covered: Sequence[str],
    seed: int,
    explore: bool,
    selection: str,
) -> RunStarted:
    """The header. ``product`` is asked who it is; what ``segur.toml`` states of it comes first.

    ``covered`` are the requirements of the selected tests; those that the profiles leave to a person are added.
    """
    ids = dict.fromkeys([*covered, *(name for each in profiles for name in each.attested)])
    requirements = [catalogue().requirement(name) for name in ids]
    domains = {domain.name: domain for domain in catalogue().domains}
    return {
        "run": str(uuid.uuid4()),
        "product": _product(config, product),
        "adapter": config.adapter.kind if config.adapter else "",
        "kit": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "seed": seed,
        "explore": explore,
        "strict": config.strict,
        "language": current_language(),
        "profiles": [{"id": each.name, "title": bilingual(each.title)} for each in profiles],
        "versions": versions(config.pack.get("name", "")),
        "selection": selection,
        "requirements": {each.id: _facts(each) for each in requirements},
        "domains": {each.domain: bilingual(domains[each.domain].title) for each in requirements},
    }


def _product(config: Config, product: Product | None) -> ProductFacts:
    told: ProductFacts = {"name": "?", "version": "?", "vendor": "?"}
    if product is not None:
        try:
            about = product.about()
            told = {"name": about.name, "version": about.version, "vendor": about.vendor}
        except SegurError:  # a product that does not answer: each test will say so
            pass
    given = config.product
    return {
        "name": given.get("name", told["name"]),
        "version": given.get("version", told["version"]),
        "vendor": given.get("vendor", told["vendor"]),
    }


def _facts(requirement: Requirement) -> RequirementFacts:
    return {
        "title": bilingual(requirement.demand),
        "domain": requirement.domain,
        "trust": str(requirement.trust),
        "obligation": str(requirement.obligation),
        "verification": str(requirement.verification),
        "scenarios": _scenarios(requirement),
        "proof_ids": list(requirement.proof_ids),
        "proofs_asked": [{"kind": str(one.kind), "test_case": one.test_case} for one in requirement.proofs or ()],
    }


def _scenarios(requirement: Requirement) -> list[str]:
    """The scenarios by the best name that is known: their own number, that of the texts before the last ones, the
    test of Gazelle or of the MSSanté tool that plays them.
    """
    cases = dict.fromkeys(proof.test_case for proof in requirement.proofs or () if proof.test_case)
    return list(requirement.scenarios or requirement.former_scenarios or cases)
