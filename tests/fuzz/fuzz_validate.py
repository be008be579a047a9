"""Fuzzes the reader and the rules with altered bytes and altered trees, guided by coverage. Not a test.

    pip install atheris
    python tests/fuzz/fuzz_validate.py -max_total_time=3600 CORPUS_DIR

``CORPUS_DIR`` holds documents to start from. Whatever is raised that is not one of our typed errors, and every layer
that breaks, ends the fuzzing with the input.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import atheris
from lxml import etree

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

with atheris.instrument_imports(include=["conformance.cda", "conformance.identity", "conformance.validation"]):
    from conformance.cda.reading import Limits
    from conformance.validation.outcome import LayerStatus
    from conformance.validation.pipeline import Options, validate
    from conformance.validation.rulebook import rulebook

    # The rules are imported when first needed: here, so that the fuzzer sees which of their lines an input reaches.
    rulebook()

from tests.fuzz.altering import WAYS, Alteration

OPTIONS = Options(Limits(size=200_000))


def one_input(data: bytes) -> None:
    """Validate one input; a layer that fails is a fault of the kit."""
    outcome = validate(data, "fuzz", OPTIONS)
    broken = [f"{layer.name}: {layer.reason}" for layer in outcome.layers if layer.status is LayerStatus.FAILED]
    if broken:
        raise AssertionError("; ".join(broken))
    for finding in outcome.findings:
        assert finding.message.fr
        assert finding.message.en


def altered(data: bytes, most: int, seed: int) -> bytes:
    """The next input: one in four has bytes altered, the others some nodes of the tree."""
    random = Random(seed)
    if random.random() > 0.25:
        try:
            root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
        except (etree.XMLSyntaxError, ValueError):
            pass
        else:
            for _ in range(random.randint(1, 4)):
                ranks = (random.randrange(1 << 20) for _ in range(3))
                Alteration(random.choice(WAYS), *ranks).apply(root)
            made = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
            if len(made) <= most:
                return made
    return bytes(atheris.Mutate(data, most))


def main() -> None:
    """Start the fuzzer with the arguments of libFuzzer."""
    atheris.Setup(sys.argv, one_input, custom_mutator=altered)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
