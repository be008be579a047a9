"""A client that shares no code with the kit: messages written by hand, posted by curl, answers read by zeep and email."""

from __future__ import annotations

import email
import email.policy
import re
import shutil
import subprocess
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree
from zeep.exceptions import Fault as ZeepFault
from zeep.wsdl.utils import etree_to_string

from conformance.generation.people import Patient
from conformance.simulators.dmp import DmpSimulator
from tests.conftest import need
from tests.simulators.dmp.practice import Doctor, cx

NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "rs": "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0",
    "rim": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0",
    "query": "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0",
    "xds": "urn:ihe:iti:xds-b:2007",
}
SUCCESS = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"

ASSERTION = """<a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="_{id}" IssueInstant="{now}" Version="2.0">
<a:Issuer Format="urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName">C=FR, O=TEST, CN={user}</a:Issuer>
<a:Subject><a:NameID>{user}</a:NameID></a:Subject>
<a:AuthnStatement AuthnInstant="{now}"><a:AuthnContext>
<a:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI</a:AuthnContextClassRef>
</a:AuthnContext></a:AuthnStatement><a:AttributeStatement>{attributes}</a:AttributeStatement></a:Assertion>"""

ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://www.w3.org/2005/08/addressing">
<env:Header><w:Action env:mustUnderstand="true">{action}</w:Action><w:MessageID>urn:uuid:{id}</w:MessageID>
<w:To>{to}</w:To><w:ReplyTo env:mustUnderstand="true">
<w:Address>http://www.w3.org/2005/08/addressing/anonymous</w:Address></w:ReplyTo>
<o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">{assertion}</o:Security>
</env:Header><env:Body>{body}</env:Body></env:Envelope>"""

CDA = """<?xml version="1.0" encoding="UTF-8"?><ClinicalDocument xmlns="urn:hl7-org:v3"><id root="{uid}"/></ClinicalDocument>"""


class Curl:
    """A doctor whose software is a shell script."""

    def __init__(self, doctor: Doctor, patient: str, folder: Path) -> None:
        self.doctor, self.patient, self.folder = doctor, patient, folder
        self.user = doctor.professional.national_id
        self.structure = doctor.professional.structure.national_id

    def assertion(self) -> str:
        def text(name: str, value: str) -> str:
            return f'<a:Attribute Name="{name}"><a:AttributeValue>{value}</a:AttributeValue></a:Attribute>'

        def code(tag: str, code: str, system: str) -> str:
            return (
                f'<a:AttributeValue><{tag} xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
                f'xsi:type="CE" code="{code}" codeSystem="{system}"/></a:AttributeValue>'
            )

        roles = code("Role", "10", "1.2.250.1.71.1.2.7") + code("Role", "SM26", "1.2.250.1.71.4.2.5")
        attributes = "".join(
            (
                text("VIHF_Version", "4.0"), text("Authentification_Mode", "DIRECTE"),
                text("Identifiant_Structure", self.structure), text("Secteur_Activite", "SA07^1.2.250.1.71.4.2.4"),
                text("urn:oasis:names:tc:xacml:2.0:resource:resource-id", self.patient.replace("&", "&amp;")),
                text("Ressource_URN", "urn:dmp"), text("LPS_Nom", "curl"), text("LPS_Version", "8"),
                text("LPS_ID_HOMOLOGATION_DMP", "TEST"),
                f'<a:Attribute Name="urn:oasis:names:tc:xacml:2.0:subject:role">{roles}</a:Attribute>',
                '<a:Attribute Name="urn:oasis:names:tc:xspa:1.0:subject:purposeofuse">'
                + code("PurposeOfUse", "normal", "1.2.250.1.213.1.1.4.248") + "</a:Attribute>",
            )
        )  # fmt: skip
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return ASSERTION.format(id=uuid.uuid4(), now=now, user=self.user, attributes=attributes)

    def envelope(self, action: str, path: str, body: str) -> bytes:
        return ENVELOPE.format(
            action=action, id=uuid.uuid4(), to=self.doctor.url + path, assertion=self.assertion(), body=body
        ).encode()

    def post(self, path: str, content_type: str, body: bytes) -> tuple[str, bytes]:
        sent, got, head = self.folder / "sent", self.folder / "got", self.folder / "head"
        sent.write_bytes(body)
        subprocess.run(
            ["curl", "--silent", "--show-error", "--tlsv1.2", "--cacert", str(self.doctor.root_file),
             "--cert", str(self.doctor.card.chain_file), "--key", str(self.doctor.card.key_file),
             "-H", f"Content-Type: {content_type}", "--data-binary", f"@{sent}", "-o", str(got), "-D", str(head),
             self.doctor.url + path],
            check=True, timeout=60,
        )  # fmt: skip
        found = re.findall(r"(?im)^content-type: *(.*?)\r?$", head.read_text())
        return found[-1], got.read_bytes()

    def feed(self, uid: str) -> tuple[etree._Element, bytes]:
        document = CDA.format(uid=uid).encode()
        body = self.envelope(
            "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b", "/repository",
            submission(self.patient, self.user, self.structure, uid),
        )  # fmt: skip
        lines = (
            b"--frontier", b'Content-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"',
            b"Content-ID: <root@curl>", b"", body, b"--frontier", b"Content-Type: application/octet-stream",
            b"Content-Transfer-Encoding: binary", b"Content-ID: <one@curl>", b"", document, b"--frontier--", b"",
        )  # fmt: skip
        content_type = (
            'multipart/related; boundary=frontier; type="application/xop+xml"; start="<root@curl>"; '
            'start-info="application/soap+xml"'
        )
        answer = self.post("/repository", content_type, b"\r\n".join(lines))
        return parts_of(*answer)[0], document


def parts_of(content_type: str, body: bytes) -> tuple[etree._Element, list[bytes]]:
    """The envelope of an answer and its other parts, read by the standard library."""
    if not content_type.startswith("multipart/"):
        return etree.fromstring(body), []
    message = email.message_from_bytes(
        b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body, policy=email.policy.HTTP
    )
    first, *others = [bytes(part.get_payload(decode=True)) for part in message.iter_parts()]  # type: ignore[attr-defined, arg-type]  # the policy makes it an EmailMessage
    return etree.fromstring(first), others


def coded(scheme: str, code: str, system: str, rank: int, owner: str = "doc1") -> str:
    return (
        f'<Classification id="c{rank}{owner}" classifiedObject="{owner}" classificationScheme="urn:uuid:{scheme}" '
        f'nodeRepresentation="{code}"><Slot name="codingScheme"><ValueList><Value>{system}</Value></ValueList></Slot>'
        f'<Name><LocalizedString value="{code}"/></Name></Classification>'
    )


def slot(name: str, *values: str) -> str:
    listed = "".join(f"<Value>{value}</Value>" for value in values)
    return f'<Slot name="{name}"><ValueList>{listed}</ValueList></Slot>'


def identifier(scheme: str, value: str, rank: int, owner: str) -> str:
    return f'<ExternalIdentifier id="e{rank}{owner}" registryObject="{owner}" identificationScheme="urn:uuid:{scheme}" value="{value}"><Name><LocalizedString value="x"/></Name></ExternalIdentifier>'  # fmt: skip


def submission(patient: str, user: str, structure: str, uid: str) -> str:
    patient = patient.replace("&", "&amp;")
    now = f"{datetime.now(UTC):%Y%m%d%H%M%S}"
    person = f"{user}^TEST^Paul^^^^^^&amp;1.2.250.1.71.4.2.1&amp;ISO^D^^^IDNPS"
    author = slot("authorInstitution", f"CABINET^^^^^&amp;1.2.250.1.71.4.2.2&amp;ISO^IDNST^^^{structure}") + slot(
        "authorPerson", person
    )
    entry = "".join(
        (
            slot("creationTime", now), slot("languageCode", "fr-FR"), slot("legalAuthenticator", person),
            slot("serviceStartTime", now), slot("sourcePatientId", patient), slot("sourcePatientInfo", "PID-5|TEST^PAUL^^^^^L"),
            '<Name><LocalizedString value="Compte rendu"/></Name>',
            f'<Classification id="a1" classifiedObject="doc1" classificationScheme="urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d" nodeRepresentation="">{author}</Classification>',
            coded("41a5887f-8865-4c09-adf7-e362475b143a", "10", "1.2.250.1.213.1.1.4.1", 1),
            coded("f0306f51-975f-434e-a61c-c59651d33983", "11488-4", "2.16.840.1.113883.6.1", 2),
            coded("a09d5840-386c-46f2-b5ad-9c3699a4309d", "urn:ihe:iti:xds-sd:text:2008", "1.3.6.1.4.1.19376.1.2.3", 3),
            coded("f4f85eac-e6cb-4883-b524-f2705394840f", "N", "2.16.840.1.113883.5.25", 4),
            coded("f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1", "SA07", "1.2.250.1.71.4.2.4", 5),
            coded("cccf5598-8b07-4b77-a05e-ae952c785ead", "AMBULATOIRE", "1.2.250.1.213.1.1.4.9", 6),
            identifier("58a6f841-87b3-4a3e-92fd-a8ffeff98427", patient, 1, "doc1"),
            identifier("2e82c1f6-a085-4c72-9da3-8640a32e42ab", uid, 2, "doc1"),
        )
    )  # fmt: skip
    lot = "".join(
        (
            slot("submissionTime", now),
            f'<Classification id="a2" classifiedObject="lot" classificationScheme="urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d" nodeRepresentation="">{author}</Classification>',
            coded("aa543740-bdda-424e-8c96-df4873be8500", "07", "1.2.250.1.213.2.2", 1, "lot"),
            identifier("6b5aea1a-874d-4603-a4bc-96a0a7b38446", patient, 1, "lot"),
            identifier("554ac39e-e3fe-47fe-b233-965d2a147832", "1.2.250.1.999.1", 2, "lot"),
            identifier("96fdda7c-d067-4183-912e-bf5ee74998a8", f"2.25.{uuid.uuid4().int}", 3, "lot"),
        )
    )
    return f"""<x:ProvideAndRegisterDocumentSetRequest xmlns:x="urn:ihe:iti:xds-b:2007">
<l:SubmitObjectsRequest xmlns:l="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0">
<RegistryObjectList xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"><RegistryPackage id="lot">{lot}</RegistryPackage>
<Classification id="k" classifiedObject="lot" classificationNode="urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"/>
<ExtrinsicObject id="doc1" mimeType="text/xml" objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">{entry}</ExtrinsicObject>
<Association id="m" associationType="urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember" sourceObject="lot" targetObject="doc1">{slot("SubmissionSetStatus", "Original")}</Association>
</RegistryObjectList></l:SubmitObjectsRequest>
<x:Document id="doc1"><i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:one%40curl"/></x:Document>
</x:ProvideAndRegisterDocumentSetRequest>"""


@pytest.fixture
def curl(doctor: Doctor, patient: Patient, tmp_path: Path) -> Curl:
    need("curl", shutil.which("curl") is not None, "needs curl")
    return Curl(doctor, cx(patient), tmp_path)


def test_curl_feeds_searches_and_retrieves(dmp: DmpSimulator, curl: Curl) -> None:
    uid = f"2.25.{uuid.uuid4().int}"
    answer, document = curl.feed(uid)
    assert answer.xpath("string(//rs:RegistryResponse/@status)", namespaces=NS) == SUCCESS
    query = """<q:AdhocQueryRequest xmlns:q="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0" xmlns:r="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0">
<q:ResponseOption returnType="LeafClass" returnComposedObjects="true"/><r:AdhocQuery id="urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d">
<r:Slot name="$XDSDocumentEntryStatus"><r:ValueList><r:Value>('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')</r:Value></r:ValueList></r:Slot>
</r:AdhocQuery></q:AdhocQueryRequest>"""
    envelope = curl.envelope("urn:ihe:iti:2007:RegistryStoredQuery", "/registry", query)
    found, _ = parts_of(*curl.post("/registry", "application/soap+xml; charset=utf-8", envelope))
    assert found.xpath("//rim:ExternalIdentifier[@identificationScheme='urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab']/@value", namespaces=NS) == [uid]  # fmt: skip
    ask = f"""<x:RetrieveDocumentSetRequest xmlns:x="urn:ihe:iti:xds-b:2007"><x:DocumentRequest>
<x:RepositoryUniqueId>1.2.250.1.213.4.1.1.1.2</x:RepositoryUniqueId><x:DocumentUniqueId>{uid}</x:DocumentUniqueId>
</x:DocumentRequest></x:RetrieveDocumentSetRequest>"""
    envelope = curl.envelope("urn:ihe:iti:2007:RetrieveDocumentSet", "/repository", ask)
    got, parts = parts_of(*curl.post("/repository", "application/soap+xml; charset=utf-8", envelope))
    assert got.xpath("string(//rs:RegistryResponse/@status)", namespaces=NS) == SUCCESS
    assert [part.rstrip(b"\r\n") for part in parts] == [document]


def test_an_independent_reader_understands_the_fault(curl: Curl) -> None:
    """zeep, a SOAP library of others, reads the fault as SOAP 1.2 has it."""
    from zeep.wsdl.bindings.soap import Soap12Binding

    envelope = curl.envelope("urn:nothing", "/registry", '<q:Nothing xmlns:q="urn:q"/>')
    _, body = curl.post("/registry", "application/soap+xml; charset=utf-8", envelope)
    binding = Soap12Binding.__new__(Soap12Binding)
    binding.nsmap = {"soap-env": NS["s"]}
    with pytest.raises(ZeepFault, match="service") as caught:
        binding.process_error(etree.fromstring(body), None)
    assert caught.value.code == "soap:Sender"
    assert etree_to_string(caught.value.detail)
