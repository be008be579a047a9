"""Fuzzes the reader and the rules with altered bytes, guided by coverage. Not a test: run it for as long as you like.

    pip install atheris
    python tests/fuzz/fuzz_validate.py -max_total_time=3600 CORPUS_DIR

Whatever is raised that is not one of our typed errors, and every layer that breaks, ends the fuzzing with the input.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

with atheris.instrument_imports(include=["conformance.cda", "conformance.validation"]):
    from conformance.cda.reading import Limits
    from conformance.validation.outcome import LayerStatus
    from conformance.validation.pipeline import Options, validate

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


def main() -> None:
    """Start the fuzzer with the arguments of libFuzzer."""
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
