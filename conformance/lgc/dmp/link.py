"""The transactions that the product makes at the DMP, each one a method."""

from __future__ import annotations

from conformance.exchange.dmp import requests
from conformance.exchange.dmp.authorisations import OK, Action, read_status
from conformance.exchange.dmp.existence import ExistenceAnswer, ExistenceRequest, read_existence_answer
from conformance.exchange.dmp.requests import Answer
from conformance.exchange.metadata import DocumentEntry, RegistryObjects
from conformance.exchange.metadata.hl7 import Cx
from conformance.exchange.registry_messages import Queries, ReturnType, StoredQuery, quoted
from conformance.exchange.vihf import AccessMode
from conformance.lgc.dmp.client import DmpClient, DmpRefusal, Unreachable
from conformance.lgc.dmp.lots import Lot
from conformance.lgc.dmp.user import DmpUser, Voucher

_UNIQUE_ID = "$XDSDocumentEntryUniqueId"


class Link:
    """Speaks with the DMP for a user. Every method raises ``Unreachable`` and ``DmpRefusal``."""

    def __init__(self, client: DmpClient, voucher: Voucher) -> None:
        self.client = client
        self.voucher = voucher

    def existence(self, user: DmpUser, patient: str) -> ExistenceAnswer:
        """TD0.2: whether the patient has a DMP, and whether the user may open it."""
        question = ExistenceRequest(Cx.parse(patient), user.installation)
        assertion = self.voucher.assertion(user, patient)
        answer = self.client.ask(user.endpoint, requests.ask_existence(user.endpoint.url, assertion, question))
        said = read_existence_answer(answer.payload)
        if said is None:
            raise Unreachable("La réponse du DMP n’est pas celle d’un test d’existence.")
        if said.error:
            raise DmpRefusal((said.error,), said.context)
        return said

    def feed(self, user: DmpUser, patient: str, lot: Lot) -> Answer:
        """TD2.1."""
        assertion = self.voucher.assertion(user, patient)
        request = requests.feed(user.endpoint.url, assertion, lot.objects, lot.documents)
        return self.client.ask(user.endpoint, request)

    def look_up(self, user: DmpUser, patient: str, unique_id: str) -> str | None:
        """TD3.1b: the entryUUID of a document; ``None`` when it is not there."""
        query = StoredQuery(Queries.GET_DOCUMENTS, {_UNIQUE_ID: (quoted(unique_id),)}, ReturnType.OBJECT_REF)
        answer = self.search(user, patient, query)
        return next((reference.id for reference in answer.references), None)

    def metadata(self, user: DmpUser, patient: str, unique_id: str) -> DocumentEntry | None:
        """TD3.1a by the id of a document: its metadata as they are now."""
        answer = self.search(user, patient, StoredQuery(Queries.GET_DOCUMENTS, {_UNIQUE_ID: (quoted(unique_id),)}))
        return next(iter(answer.documents), None)

    def search(
        self, user: DmpUser, patient: str, query: StoredQuery, access: AccessMode = AccessMode.NORMAL
    ) -> RegistryObjects:
        """TD3.1: a query, and what it finds."""
        assertion = self.voucher.assertion(user, patient, access)
        answer = self.client.ask(user.endpoint, requests.search(user.endpoint.url, assertion, query))
        return answer.registry.objects if answer.registry else RegistryObjects()

    def update(self, user: DmpUser, patient: str, objects: RegistryObjects) -> Answer:
        """TD3.3."""
        assertion = self.voucher.assertion(user, patient)
        return self.client.ask(user.endpoint, requests.update(user.endpoint.url, assertion, objects))

    def retrieve(self, user: DmpUser, patient: str, unique_id: str) -> bytes | None:
        """TD3.2: the bytes of a document; ``None`` when the DMP does not give it."""
        assertion = self.voucher.assertion(user, patient)
        answer = self.client.ask(user.endpoint, requests.retrieve(user.endpoint.url, assertion, [unique_id]))
        documents = answer.registry.documents if answer.registry else ()
        return next((each.data for each in documents if each.unique_id == unique_id), None)

    def authorise(self, user: DmpUser, patient: str) -> None:
        """TD0.3: the patient agrees that the user consults."""
        assertion = self.voucher.assertion(user, patient)
        request = requests.set_authorisation(user.endpoint.url, assertion, Action.ADD)
        answer = read_status(self.client.ask(user.endpoint, request).payload)
        if answer.status != OK:
            raise DmpRefusal((answer.status,), answer.context)
