"""For each rule on requests to the DMP, the good request with just that wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from lxml import etree

from conformance.exchange import vihf as v
from conformance.exchange.checks.demands import Demand
from conformance.exchange.metadata import Association, Coded, names
from conformance.exchange.metadata.carriers import AttributeCarrier, SlotCarrier, TextCarrier
from conformance.exchange.metadata.fields import DOCUMENT_ENTRY_FIELDS, SUBMISSION_SET_FIELDS, Field, field_of
from conformance.exchange.metadata.names import rim
from conformance.exchange.registry_messages import Queries, StoredQuery, quoted, single
from conformance.exchange.soap import wsa
from conformance.exchange.vihf import AuthenticationMode
from conformance.exchange.xades import MANIFEST_ID
from conformance.generation.dmp.lots import VISIBILITY
from conformance.simulators.pki import Usage
from conformance.validation.dmp.values import DOCUMENT_ENTRY, SIGNATURE_ENTRY, SUBMISSION_SET
from tests.validation.dmp import requests as r

Fault = Callable[[], set[str]]
FAULTS: dict[str, Fault] = {}


def fault(key: str, make: Callable[[], Any]) -> None:
    FAULTS[key] = lambda: r.rules(make())


def body(old: bytes, new: bytes, transaction: str = "") -> Callable[[], Any]:
    def make() -> Any:
        changed = lambda data: data.replace(old, new)  # noqa: E731
        return r.of(transaction, body=changed) if transaction else r.feeding(body=changed)

    return make


# Transport

fault("dmp-transport.tls-version", lambda: r.feeding(tls={"version": "TLSv1.1"}))
fault("dmp-transport.tls-suite", lambda: r.feeding(tls={"cipher": "AES128-SHA"}))
fault("dmp-transport.sni", lambda: r.feeding(tls={"server_name": ""}))
fault("dmp-transport.client-certificate", lambda: r.feeding(tls={"client": None}))
fault("dmp-transport.method", lambda: r.feeding(http={"method": "PUT"}))
fault("dmp-transport.path", lambda: r.feeding(http={"target": "/si-dmp-server/v2/services/registry"}))
fault("dmp-transport.soap-1.2", body(b"http://www.w3.org/2003/05/soap-envelope", b"http://schemas.xmlsoap.org/soap/envelope/", "td3.2"))  # fmt: skip
fault("dmp-transport.media-type", lambda: r.of("td3.1", http={"headers": {"content-type": "text/xml"}}))
fault("dmp-transport.payload", body(b"AdhocQueryRequest", b"Nonsense", "td3.1"))
fault("dmp-transport.action", body(b"urn:ihe:iti:2007:RegistryStoredQuery", b"urn:x", "td3.1"))
fault("dmp-transport.must-understand", body(b'mustUnderstand="true"', b'mustUnderstand="false"', "td3.1"))
fault("dmp-transport.message-id", body(b"urn:uuid:", b"", "td0.3"))
fault("dmp-transport.to", body(b"wsa:To>", b"wsa:Tox>", "td3.1"))
fault("dmp-transport.to-url", body(b"/registry</wsa:To>", b"/elsewhere</wsa:To>", "td3.1"))
fault("dmp-transport.reply-to", body(b"addressing/anonymous", b"addressing/none", "td3.1"))
fault("dmp-transport.one-vihf", body(b"saml:Assertion", b"saml:Nothing", "td3.1"))
fault("dmp-transport.part", body(b'href="cid:', b'href="cid:nobody'))
fault("dmp-transport.mtom-types", lambda: _types(r.feeding()))


def _types(request: Any) -> Any:
    return replace(request, headers={"content-type": request.content_type.replace("application/xop+xml", "text/xml")})


def _inline(payload: etree._Element) -> None:
    for node in payload.iterchildren("{urn:ihe:iti:xds-b:2007}Document"):
        for child in list(node):
            node.remove(child)
        node.text = "PGEvPg=="


fault("dmp-transport.xop", lambda: r.feeding(payload=_inline))
fault("dmp-transport.mtom", lambda: _unpacked(r.feeding()))


def _unpacked(request: Any) -> Any:
    from conformance.exchange.mtom import read_package

    package = read_package(request.content_type, request.body)
    return replace(request, body=package.envelope, headers={"content-type": "application/soap+xml"})


# VIHF

A_DAY_AGO = v.instant(datetime.now(UTC) - timedelta(days=1))


def vihf(key: str, **changes: Any) -> None:
    fault(f"dmp-vihf.{key}", lambda: r.feeding(vihf=changes))


vihf("saml-version", saml_version="1.1")
vihf("id", id="7f3e")
vihf("issue-instant", issue_instant="yesterday")
vihf("authn-instant", authn_instant="yesterday")
vihf("future", issue_instant=v.instant(datetime.now(UTC) + timedelta(hours=1)))
vihf("age", issue_instant=A_DAY_AGO)
vihf("age-air", issue_instant=v.instant(datetime.now(UTC) - timedelta(minutes=2)), mode=AuthenticationMode.REINFORCED)
vihf("issuer-format", issuer_format="urn:x")
vihf("issuer", issuer="C=FR, CN=SOMEBODY ELSE")
vihf("version", version="2.0")
vihf("version-3", version="3.0")
vihf("mode", mode="TELEPATHIE")
vihf("name-id", name_id="DOCTEUR")
vihf("structure", structure="CABINET")
vihf("sector", sector="SA99^1.2.250.1.71.4.2.4")
vihf("subject", mode=AuthenticationMode.INDIRECT, subject="")
vihf("resource-urn", resource_urn="urn:other")
vihf("lps-name", lps_name="")
vihf("lps-version", lps_version="")
vihf("approval", approval="")
vihf("role", roles=())
vihf("specialty", roles=(Coded("10", v.PROFESSIONS),))
vihf("specialty-code", roles=(Coded("10", v.PROFESSIONS), Coded("SM999", v.SPECIALTIES)))
vihf("section", roles=(Coded("21", v.PROFESSIONS),))
vihf("purpose", purpose=Coded("curiosite", v.PURPOSES))
vihf("patient", patient="123^^^&1.2.250.1.213.1.4.10&ISO^NH")
vihf("nia", patient=r.INS.replace("1.4.10", "1.4.9"))
vihf("test-identity", patient=r.INS.replace("1.4.10", "1.4.8"))
vihf("confidentiality", confidentiality=(Coded("MASQUE_PS", "1.2.250.1.213.1.1.4.13"),))
vihf("authn-context", authn_context=v.PASSWORD)
fault("dmp-vihf.no-patient", lambda: r.of("td0.4", vihf={"patient": r.INS}))
fault("dmp-vihf.signed", lambda: r.feeding(signed=False, vihf={"mode": AuthenticationMode.INDIRECT}))
fault("dmp-vihf.signed-direct", lambda: r.feeding(signed=False))
fault("dmp-vihf.signature", lambda: r.feeding(signed_assertion=lambda node: node.set("IssueInstant", v.instant(datetime.now(UTC)))))  # fmt: skip
fault("dmp-vihf.signing-certificate", lambda: r.feeding(signer=Usage.AUTHENTICATION))
fault("dmp-vihf.certificate-validity", lambda: r.feeding(http={"received": datetime(2040, 1, 1, tzinfo=UTC)}))
fault("dmp-vihf.signer", lambda: r.feeding(vihf={"name_id": "899900000017"}))
fault("dmp-vihf.mode-use", lambda: r.feeding(vihf={"mode": AuthenticationMode.REINFORCED}))
fault("dmp-vihf.card", lambda: r.feeding(tls={"client": r.card(number="899999999999").certificate}))


def _sha1(node: etree._Element) -> None:
    for method in node.iter("{*}DigestMethod"):
        method.set("Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1")


def _signature_last(node: etree._Element) -> None:
    node.append(next(node.iter("{http://www.w3.org/2000/09/xmldsig#}Signature")))


def _audience(node: etree._Element) -> None:
    etree.SubElement(etree.SubElement(node, v.saml("Conditions")), v.saml("AudienceRestriction"))


def _twice(node: etree._Element) -> None:
    attribute = next(node.iter(v.saml("Attribute")))
    attribute.addnext(etree.fromstring(etree.tostring(attribute)))


fault("dmp-vihf.algorithm", lambda: r.feeding(signed_assertion=_sha1))
fault("dmp-vihf.signature-place", lambda: r.feeding(signed_assertion=_signature_last))
fault("dmp-vihf.audience", lambda: r.feeding(assertion=_audience))
fault("dmp-vihf.attribute-once", lambda: r.feeding(assertion=_twice))


# Lot


def lot(key: str, make: Callable[[], Any], **options: Any) -> None:
    fault(f"dmp-lot.{key}", lambda: r.feeding(make(), **options))


SECRET = {"confidentiality": (v.SECRET_CONNECTION,)}


def codes(*extra: str) -> tuple[Coded, ...]:
    return (Coded("N", "2.16.840.1.113883.5.25"), *(Coded(code, VISIBILITY) for code in extra))


lot("one-submission-set", lambda: r.with_objects(lambda o: replace(o, submission_sets=())))
lot("a-document", lambda: r.with_objects(lambda o: replace(o, documents=o.documents[1:])))
lot("own-id", lambda: r.with_objects(lambda o: replace(o, associations=o.associations[:1] * 2 + o.associations[1:])))
lot("own-unique-id", lambda: r.with_signature(unique_id="1.2.250.1.999.8.1"))
lot("file", lambda: (one := r.good_lot()) and replace(one, documents={"signature1": one.documents["signature1"]}))
lot("file-entry", lambda: (one := r.good_lot()) and replace(one, documents=one.documents | {"documentX": b"<a/>"}))
lot("empty", lambda: (one := r.good_lot()) and replace(one, documents=one.documents | {"document1": b" "}))
lot("member", lambda: r.with_objects(lambda o: replace(o, associations=o.associations[1:])))
lot("one-patient", lambda: r.with_entry(patient_id="207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH"))
lot("nia", lambda: r.with_entry(patient_id=r.INS.replace("1.4.10", "1.4.9")))
lot("hash", lambda: r.with_entry(hash="0" * 40))
lot("size", lambda: r.with_entry(size=3))
lot("class-of-type", lambda: r.with_entry(class_code=Coded("42", "1.2.250.1.213.1.1.4.1")))
lot("forbidden-type", lambda: r.with_entry(type_code=Coded("REMB", "1.2.250.1.213.1.1.4.12")))
lot("author", lambda: r.good_lot(), vihf={"name_id": "899900000017"})
lot("set-author", lambda: r.good_lot(), vihf={"name_id": "899900000017"})
lot("author-person", lambda: r.with_entry(authors=(replace(r.SENDER.author, person=""),)))
lot("birth-name", lambda: r.with_entry(source_patient_info=("PID-5|NOM^PRENOM^^^^^D",)))
lot("signature-patient-info", lambda: r.with_signature(source_patient_info=("PID-5|NOM^PRENOM^^^^^L",)))
lot("visibility-exclusive", lambda: r.with_entry(confidentiality=codes("MASQUE_PS", "INVISIBLE_PATIENT")))
lot("visibility-secret", r.good_lot, vihf=SECRET)
lot("restricted", lambda: r.with_entry(confidentiality=(Coded("R", "2.16.840.1.113883.5.25"),)))
lot("basic-confidentiality", lambda: r.with_entry(confidentiality=(Coded("MASQUE_PS", VISIBILITY),)))
lot("replacement-2007", lambda: _replacing(names.REPLACES_2010))
lot("replacement-target", lambda: r.good_lot((r.note(2),), replaces=["document-7"]))
lot("replacement-one", lambda: _replacing(names.REPLACES, names.REPLACES))
lot("signed", lambda: r.good_lot(signer=None))
lot("signs", lambda: r.with_objects(lambda o: replace(o, associations=tuple(a for a in o.associations if a.type != names.SIGNS))))  # fmt: skip
lot("signature", lambda: _tampered())
lot("manifest", lambda: r.signed_otherwise(r.good_lot(), {"1.2.250.1.999.8.1": b"<other/>"}))
lot("signature-hidden", lambda: r.with_signature(confidentiality=codes()))


def _sheet(inside: bytes) -> Any:
    made = r.good_lot()
    data = made.documents["document1"].replace(
        b"<ClinicalDocument",
        b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">' + inside + b"<xsl:x><ClinicalDocument", 1,
    ).replace(b"</ClinicalDocument>", b"</ClinicalDocument></xsl:x></xsl:stylesheet>")  # fmt: skip
    return replace(made, documents=made.documents | {"document1": data})


lot("style-sheet", lambda: _sheet(b"<script/>"))


def _replacing(*kinds: str) -> Any:
    links = tuple(Association(id=f"rp{n}", type=kind, source="document1", target=r.TARGET[:-1] + str(n)) for n, kind in enumerate(kinds))  # fmt: skip
    made = r.good_lot((r.note(2),))
    return replace(made, objects=replace(made.objects, associations=made.objects.associations + links))


def _tampered() -> Any:
    made = r.good_lot()
    data = made.documents["signature1"].replace(f'Id="{MANIFEST_ID}"'.encode(), f'Id="{MANIFEST_ID}" x="1"'.encode())
    return replace(made, documents=made.documents | {"signature1": data})


# Coherence

COHERENT = {
    "patientId": {"patient_id": "207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH"},
    "birthName": {"source_patient_info": ("PID-5|AUTRE^PRENOM^^^^^L",)},
    "birthDate": {"source_patient_info": ("PID-5|X^Y^^^^^L", "PID-7|18000101")},
    "sex": {"source_patient_info": ("PID-5|X^Y^^^^^L", "PID-8|UN")},
    "uniqueId": {"unique_id": "1.2.250.1.999.8.77"},
    "languageCode": {"language_code": "en-GB"},
    "title": {"title": "Autre titre"},
    "creationTime": {"creation_time": "20260302103015"},
    "serviceStartTime": {"service_start_time": "20260302103000"},
    "serviceStopTime": None,
    "typeCode": {"type_code": Coded("57833-6", "2.16.840.1.113883.6.1")},
    "formatCode": {"format_code": Coded("urn:ihe:iti:xds-sd:pdf:2008", "1.3.6.1.4.1.19376.1.2.3")},
    "healthcareFacilityTypeCode": {"healthcare_facility_type": Coded("SA25", "1.2.250.1.71.4.2.4")},
    "practiceSettingCode": {"practice_setting": Coded("ETABLISSEMENT", "1.2.250.1.213.1.1.4.9")},
    "confidentialityCode": {"confidentiality": (Coded("V", "2.16.840.1.113883.5.25"),)},
    "author.count": {"authors": (r.SENDER.author, r.SENDER.author)},
    "author": {"authors": (replace(r.SENDER.author, person="899900000017^X^Y^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"),)},
    "legalAuthenticator": {"legal_authenticator": "899900000017^X^Y^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"},
    "mime-type": {"mime_type": "application/dicom"},
}  # fmt: skip
for _name, _changes in COHERENT.items():
    if _changes is not None:
        fault(f"dmp-coherence.{_name}", partial(lambda changes: r.feeding(r.with_entry(**changes)), _changes))


def _with_stop(data: bytes) -> bytes:
    return re.sub(rb'(<low value="[^"]*"/>)', rb'\1<high value="20260302110000+0000"/>', data, count=1)


fault("dmp-coherence.serviceStopTime", lambda: r.feeding(r.good_lot((_with_stop(r.note()),), service_stop_time="20260302120000")))  # fmt: skip
fault("dmp-coherence.first-version", lambda: r.feeding(r.good_lot((r.note(2).replace(b'versionNumber value="2"', b'versionNumber value="1"'),))))  # fmt: skip
fault("dmp-coherence.next-version", lambda: r.feeding(r.good_lot((r.note(2),))))
fault("dmp-coherence.related-document", lambda: r.feeding(r.good_lot(replaces=[r.TARGET])))


# Other requests


def query(key: str, made: StoredQuery) -> None:
    fault(f"dmp-request.{key}", lambda: r.of("td3.1", query=made))


GOOD = r.good_query()
query("query", replace(GOOD, id="urn:uuid:0"))
query("return-type", replace(GOOD, return_type="Everything"))
query("status", replace(GOOD, parameters={}))
query("status-value", r.good_query(Status=(quoted("Approved"),)))
query("list-parameter", r.good_query(TypeCode=(single("11488-4^^2.16.840.1.113883.6.1"),)))
query("dates", r.good_query(CreationTimeFrom=("01/01/2026",)))
query("needed-parameter", StoredQuery(Queries.GET_DOCUMENTS, {}))
query("unknown-parameter", r.good_query(CreationDateFrom=("2026",)))
query("patient", r.good_query(PatientId=(single("207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH"),)))
query("twenty", StoredQuery(Queries.GET_DOCUMENTS, {"$XDSDocumentEntryUniqueId": (quoted(*(f"1.2.{n}" for n in range(21))),)}))  # fmt: skip
fault("dmp-request.repository", body(b"1.2.250.1.213.4.1.1.1.2", b"1.2.3", "td3.2"))
fault("dmp-request.document-id", body(b"1.2.250.1.999.8.1<", b"document<", "td3.2"))


def _no_document(envelope: etree._Element) -> None:
    for node in list(envelope.iter("{*}DocumentRequest")):
        parent = node.getparent()
        assert parent is not None
        parent.remove(node)


def _no_message_id(envelope: etree._Element) -> None:
    for node in envelope.iter(wsa("MessageID")):
        node.text = "urn:uuid:00000000-0000-0000-0000-000000000001"


fault("dmp-request.something", lambda: _plain(r.of("td3.2")))


def _plain(request: Any) -> Any:
    from conformance.exchange.mtom import read_package

    envelope = etree.fromstring(read_package(request.content_type, request.body).envelope)
    _no_document(envelope)
    return replace(request, body=etree.tostring(envelope), headers={"content-type": "application/soap+xml"})


def change(key: str, old: bytes, new: bytes, *, visible: bool = False) -> None:
    spoil = lambda data: data.replace(old, new)  # noqa: E731
    fault(f"dmp-request.{key}", lambda: r.of("td3.3", r.visibility() if visible else None, body=spoil))


change("one-change", b'sourceObject="lot1"', b'sourceObject="lot2"')
change("change-type", names.UPDATES_STATUS.encode(), names.REPLACES.encode())
change("states", b"StatusType:Deleted", b"StatusType:Burnt")
change("target", b"urn:uuid:11111111", b"11111111")
change("visibility-exclusive", b'nodeRepresentation="N"', b'nodeRepresentation="INVISIBLE_PATIENT"', visible=True)
change("new-version", b"PreviousVersion", b"FormerVersion", visible=True)
fault("dmp-request.reason", body(b"TEST_EXST", b"CURIOSITY", "td0.2"))
fault("dmp-request.sender", body(r.SENDER.source_id.encode(), b"here", "td0.2"))
fault("dmp-request.action", body(b">AJOUT<", b">PLUS<", "td0.3"))
fault("dmp-request.attending", body(b"<action>AJOUT</action>", b"<action>AJOUT</action><role>MEDECIN_TRAITANT</role>", "td0.3"))  # fmt: skip
fault("dmp-request.mode", body(b">TOUTE<", b">TOUT<", "td1.6"))
fault("dmp-request.date-type", body(b">LASTDOC<", b">LASTDOCUMENT<", "td0.4"))
NORMAL = {"purpose": v.purpose_of(v.AccessMode.NORMAL)}
fault("dmp-request.closing", body(b"FERMETURE_DEMANDE_PATIENT", b"AUTRE", "td1.4"))
fault("dmp-request.regulation", lambda: r.of("td0.5", vihf=NORMAL))
fault("dmp-request.trigger", body(b"PRPA_TE201305UV02", b"PRPA_TE201307UV02", "td0.5"))
fault("dmp-request.traits", lambda: r.of("td0.5", payload=_no_traits))
fault("dmp-request.start-date", body(b">20260101000000<", b">2026-01-01<", "td0.4"))


def _no_traits(payload: etree._Element) -> None:
    for node in payload.iter("{urn:hl7-org:v3}parameterList"):
        for child in list(node):
            node.remove(child)


# Sessions

AIR = {"mode": AuthenticationMode.REINFORCED, "id": "_one"}
FAULTS["dmp-session.replayed"] = lambda: r.session_rules(r.of("td3.1", vihf=AIR), r.of("td3.1", vihf=AIR))
SAME = {"id": "_one"}
FAULTS["dmp-session.reused-vihf"] = lambda: r.session_rules(r.of("td3.1", vihf=SAME), r.of("td3.1", vihf=SAME))
FAULTS["dmp-session.reused-message-id"] = lambda: r.session_rules(*(r.of("td3.1", payload=_no_message_id) for _ in range(2)))  # fmt: skip
FAULTS["dmp-session.search-after-feeding"] = lambda: r.session_rules(r.feeding(), r.of("td3.1"))
FAULTS["dmp-session.systematic-retrieval"] = lambda: r.session_rules(r.of("td3.1"), *(r.of("td3.2") for _ in range(5)))


# Values: from each demand its faults


def value_faults() -> Iterator[tuple[str, Fault]]:
    owners = (
        ("document", DOCUMENT_ENTRY, DOCUMENT_ENTRY_FIELDS, "ExtrinsicObject", 0),
        ("signature", SIGNATURE_ENTRY, DOCUMENT_ENTRY_FIELDS, "ExtrinsicObject", 1),
        ("submission-set", SUBMISSION_SET, SUBMISSION_SET_FIELDS, "RegistryPackage", 0),
    )
    for owner, demands, table, element, rank in owners:
        for demand in demands:
            field = field_of(table, demand.name)
            for kind in _kinds(demand, field):
                yield f"dmp-metadata.{owner}.{demand.name}.{kind}", partial(_spoilt, field, kind, element, rank)
        for slot in ("authorPerson", "authorInstitution", "authorSpecialty"):
            yield f"dmp-metadata.{owner}.{slot}.form", partial(_spoilt_slot, slot, element, rank)


def _kinds(demand: Demand, field: Field) -> Iterator[str]:
    if demand.least:
        yield "required"
    if demand.most == 1 and not isinstance(field.carrier, AttributeCarrier):
        yield "once"
    if demand.form:
        yield "form"
    if demand.systems:
        yield "system"
    if demand.value_set:
        yield "code"


def _rich() -> Any:
    made = r.good_lot(service_stop_time="20260302100000")
    entry = made.objects.documents[0]
    order = "2026-7^^^&1.2.250.1.999.8&ISO^urn:ihe:iti:xds:2013:order"
    full = replace(entry, hash="a" * 40, size=len(made.documents["document1"]), reference_ids=(order,))
    return replace(made, objects=replace(made.objects, documents=(full, *made.objects.documents[1:])))


def _spoilt(field: Field, kind: str, element: str, rank: int) -> set[str]:
    def spoil(payload: etree._Element) -> None:
        owner = list(payload.iter(rim(element)))[rank]
        found = list(field.carrier.find(owner))
        assert found, field.name
        node, attribute = found[0].node, found[0].attribute
        if kind == "required":
            for one in found:
                _remove(field, owner, one.node, one.attribute)
        elif kind == "once":
            parent = node.getparent()
            assert parent is not None
            parent.append(etree.fromstring(etree.tostring(node)))
        elif kind == "form" and attribute:
            node.set(attribute, " " if isinstance(field.carrier, TextCarrier) else "?")
        elif kind == "form":
            node.text = "?"
        elif kind == "system":
            next(SlotCarrier("codingScheme").find(node)).node.text = "1.2.3.4"
        else:
            node.set("nodeRepresentation", "INCONNU")

    return r.rules(r.feeding(_rich(), payload=spoil))


def _remove(field: Field, owner: etree._Element, node: etree._Element, attribute: str | None) -> None:
    if isinstance(field.carrier, AttributeCarrier):
        del owner.attrib[attribute or ""]
        return
    for top in owner:
        if node is top or node in top.iterdescendants():
            owner.remove(top)


def _spoilt_slot(slot: str, element: str, rank: int) -> set[str]:
    def spoil(payload: etree._Element) -> None:
        owner = list(payload.iter(rim(element)))[rank]
        for node in owner.iter(rim("Slot")):
            if node.get("name") == slot:
                next(node.iter(rim("Value"))).text = "?"

    return r.rules(r.feeding(_rich(), payload=spoil))
