"""A simulated DMP: real sockets, mutual TLS, a real store; it watches, misbehaves on request, and forgets nothing."""

from conformance.simulators.dmp.faults import DmpFault, FaultKind
from conformance.simulators.dmp.model import DmpPatient, Entry, StoredAuthorisation, patient_cx
from conformance.simulators.dmp.options import DmpOptions
from conformance.simulators.dmp.simulator import DmpSimulator

__all__ = [
    "DmpFault",
    "DmpOptions",
    "DmpPatient",
    "DmpSimulator",
    "Entry",
    "FaultKind",
    "StoredAuthorisation",
    "patient_cx",
]
