"""Faults of what is sent to the DMP: the channel, the VIHF, the lot, its metadata."""

from __future__ import annotations

import base64
import hashlib
import re
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPMessage

from cryptography import x509
from lxml import etree

from conformance.exchange.cda_header import CLASSES
from conformance.exchange.dmp.requests import Answer, OutgoingRequest, feed, request_of
from conformance.exchange.dmp.transactions import FEED
from conformance.exchange.metadata import Coded, DocumentEntry, SubmissionSet, submit_objects_request
from conformance.exchange.registry_messages import DOCUMENT, PROVIDE
from conformance.exchange.vihf import AccessMode, Vihf, vihf_element
from conformance.lgc.dmp.client import BUSY, DmpClient, DmpRefusal, Unreachable
from conformance.lgc.dmp.link import Link
from conformance.lgc.dmp.lots import Lot, Lots
from conformance.lgc.dmp.user import DmpUser, Signer, Voucher
from conformance.sut.contract import Endpoint, Visibility

# The channel


class TrustsAnyServer(DmpClient):
    """Does not look at the certificate of the server.

    Ne regarde pas le certificat du serveur.
    """

    def context(self, endpoint: Endpoint) -> ssl.SSLContext:
        context = super().context(endpoint)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context


class TrustsAnyName(DmpClient):
    """Accepts a certificate that is good, and that of another server.

    Accepte un certificat valable, mais d’un autre serveur.
    """

    def context(self, endpoint: Endpoint) -> ssl.SSLContext:
        context = super().context(endpoint)
        context.check_hostname = False
        return context


class TakesBusyForRefused(DmpClient):
    """Does not try again when the DMP says that it is busy.

    N’essaie pas de nouveau quand le DMP se dit occupé.
    """

    def judge_errors(self, codes: tuple[str, ...], words: str) -> None:
        if set(codes) <= BUSY:
            raise DmpRefusal(codes, words)
        super().judge_errors(codes, words)


class DoesNotFollowRedirections(DmpClient):
    """Takes a redirection for an outage.

    Prend une redirection pour une panne.
    """

    def post(self, endpoint: Endpoint, url: str, request: OutgoingRequest) -> tuple[int, HTTPMessage, bytes]:
        status, headers, body = super().post(endpoint, url, request)
        if 300 <= status < 400:
            raise Unreachable(f"HTTP {status}")
        return status, headers, body


class NumbersItsMessages(DmpClient):
    """Numbers its messages 1, 2, 3 instead of giving each an identifier of its own.

    Numérote ses messages 1, 2, 3 au lieu de donner à chacun un identifiant propre.
    """

    _number = 0

    def post(self, endpoint: Endpoint, url: str, request: OutgoingRequest) -> tuple[int, HTTPMessage, bytes]:
        self._number += 1
        identifier = rb"\g<1>" + str(self._number).encode("ascii") + b"<"
        body = re.sub(rb"(MessageID[^>]*>)urn:uuid:[^<]+<", identifier, request.body, count=1)
        return super().post(endpoint, url, replace(request, body=body))


# The VIHF


class DatesTheVihfOfTheLogin(Voucher):
    """Dates the VIHF of the login of the user, an hour before.

    Date le VIHF de l’ouverture de session, une heure avant.
    """

    def now(self) -> datetime:
        return super().now() - timedelta(hours=1)


class UsesOneVihfForAll(Voucher):
    """Uses the VIHF of a patient for every request about him.

    Emploie le même VIHF pour toutes les requêtes sur un patient.
    """

    def assertion(self, user: DmpUser, patient: str, access: AccessMode = AccessMode.NORMAL) -> etree._Element:
        kept = self.__dict__.setdefault("kept", {})
        if (patient, access) not in kept:
            kept[patient, access] = etree.tostring(super().assertion(user, patient, access))
        return etree.fromstring(kept[patient, access])


class FeedsInEmergencyAccess(Link):
    """Feeds in emergency access (bris de glace).

    Alimente en bris de glace.
    """

    def feed(self, user: DmpUser, patient: str, lot: Lot) -> Answer:
        assertion = self.voucher.assertion(user, patient, AccessMode.BREAK_GLASS)
        return self.client.ask(user.endpoint, feed(user.endpoint.url, assertion, lot.objects, lot.documents))


class DoesNotSignTheVihf(Voucher):
    """Sends the VIHF without signature.

    Envoie le VIHF sans signature.
    """

    def assertion(self, user: DmpUser, patient: str, access: AccessMode = AccessMode.NORMAL) -> etree._Element:
        signer = user.signer
        return vihf_element(self.vihf(user, patient, access, signer[1] if signer else None))


class HidesItsApprovalNumber(Voucher):
    """Leaves the number of its approval for the DMP out of the VIHF.

    Ne met pas dans le VIHF le numéro de son homologation DMP.
    """

    def vihf(self, user: DmpUser, patient: str, access: AccessMode, signer: x509.Certificate | None) -> Vihf:
        return replace(super().vihf(user, patient, access, signer), approval="")


# The lot


class SendsDocumentsInsideTheEnvelope(Link):
    """Writes documents in base64 inside the envelope.

    Écrit les documents en base64 dans l’enveloppe.
    """

    def feed(self, user: DmpUser, patient: str, lot: Lot) -> Answer:
        payload = etree.Element(PROVIDE)
        payload.append(submit_objects_request(lot.objects))
        for identifier, data in lot.documents.items():
            etree.SubElement(payload, DOCUMENT, id=identifier).text = base64.b64encode(data).decode("ascii")
        assertion = self.voucher.assertion(user, patient)
        return self.client.ask(user.endpoint, request_of(FEED, user.endpoint.url, assertion, payload, ()))


class SendsAnotherWriting(Lots):
    """Writes the document anew before it sends it: the bytes are not those that the user validated.

    Récrit le document avant l’envoi : les octets ne sont plus ceux que l’utilisateur a validés.
    """

    def document(self, user: DmpUser, body: bytes, visibility: Visibility, replaced: str | None = None) -> Lot:
        written: bytes = etree.tostring(etree.fromstring(body), encoding="UTF-8", xml_declaration=True) + b"\n"
        return super().document(user, written, visibility, replaced)


class ForgetsTheSignatureOfTheLot(Lots):
    """Sends the lot without its signature.

    Envoie le lot sans sa signature.
    """

    def document(self, user: DmpUser, body: bytes, visibility: Visibility, replaced: str | None = None) -> Lot:
        endpoint = replace(user.endpoint, signing_certificate=None, signing_key=None)
        return super().document(replace(user, endpoint=endpoint), body, visibility, replaced)


class NamesAnotherAuthorOfTheLot(Lots):
    """Names as author of the lot somebody else than the user who sends it.

    Nomme comme auteur du lot quelqu’un d’autre que l’utilisateur qui l’envoie.
    """

    def submission(self, user: DmpUser, patient: str) -> SubmissionSet:
        other = replace(user.author, person="899700000025^AUTRE^ALIX^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS")
        return replace(super().submission(user, patient), authors=(other,))


class SignsOtherBytes(Lots):
    """Signs the document as it was before its last change.

    Signe le document tel qu’il était avant sa dernière modification.
    """

    def signature(
        self, user: DmpUser, signer: Signer, submission: SubmissionSet, signed: DocumentEntry, body: bytes
    ) -> tuple[DocumentEntry, bytes]:
        return super().signature(user, signer, submission, signed, body.replace(b"</title>", b" </title>"))


# The metadata


class KeepsTheHashOfTheFormerVersion(Lots):
    """Gives a version that replaces another a hash that is not its own.

    Donne à une version qui en remplace une autre une empreinte qui n’est pas la sienne.
    """

    def document(self, user: DmpUser, body: bytes, visibility: Visibility, replaced: str | None = None) -> Lot:
        lot = super().document(user, body, visibility, replaced)
        if replaced is None:
            return lot
        stale = hashlib.sha1(replaced.encode(), usedforsecurity=False).hexdigest()
        documents = tuple(
            replace(each, hash=stale) if each.id == "document" else each for each in lot.objects.documents
        )
        return replace(lot, objects=replace(lot.objects, documents=documents))


class WritesOneClassForAll(Lots):
    """Gives every document the class of reports.

    Donne à tout document la classe des comptes rendus.
    """

    def class_of(self, entry: DocumentEntry) -> Coded | None:
        return Coded("10", CLASSES, "Compte rendu")


class WritesLocalTimes(Lots):
    """Writes the time of creation in local time.

    Écrit l’heure de création en heure locale.
    """

    def entry(self, body: bytes, visibility: Visibility) -> DocumentEntry:
        entry = super().entry(body, visibility)
        moment = datetime.strptime(f"{entry.creation_time}00000000000000"[:14], "%Y%m%d%H%M%S")
        return replace(entry, creation_time=f"{moment + timedelta(hours=2):%Y%m%d%H%M%S}")


class DatesTheActOfTheDeposit(Lots):
    """Says that the act took place on the day of the deposit.

    Dit que l’acte a eu lieu le jour du dépôt.
    """

    def entry(self, body: bytes, visibility: Visibility) -> DocumentEntry:
        return replace(super().entry(body, visibility), service_start_time=f"{datetime.now(UTC):%Y%m%d}000000")


class ShortensTheTitle(Lots):
    """Cuts the title after ten characters.

    Coupe le titre après dix caractères.
    """

    def entry(self, body: bytes, visibility: Visibility) -> DocumentEntry:
        entry = super().entry(body, visibility)
        return replace(entry, title=(entry.title or "")[:10])
