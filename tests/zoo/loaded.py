"""What a run of the profiles loads, loaded once: the runs of the zoo are forked from a process that imported this."""

from __future__ import annotations

import gc
from collections import deque

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

import conformance.cli.main
import conformance.cli.run
import conformance.harness.biology
import conformance.harness.dmp_course
import conformance.harness.lab_batches
import conformance.harness.lab_dmp
import conformance.harness.mssante
import conformance.harness.plugin
import conformance.harness.vsm
import conformance.reporting.views
import conformance.simulators.pki
from conformance.harness.catalogue import catalogue
from conformance.harness.profile import all_profiles
from conformance.sut.codec import adapter
from conformance.sut.operations import OPERATIONS
from conformance.terminology.units import convert_exactly

all_profiles()
catalogue()
for operation in OPERATIONS:
    for shape in (operation.request, operation.response):
        if shape is not None:
            adapter(shape)
convert_exactly("1", "mmol/L", "mol/L")


# A run of a profile makes a dozen keys for the test PKI, half a second of work: each run gets the same ones.
_KEYS = deque(generate_private_key(65537, 2048) for _ in range(20))


def _key(exponent: int, size: int) -> RSAPrivateKey:
    return _KEYS.popleft() if _KEYS and (exponent, size) == (65537, 2048) else generate_private_key(exponent, size)


conformance.simulators.pki.generate_private_key = _key

# What is loaded stays: collections of garbage need not look at it again, in any run.
gc.collect()
gc.freeze()
