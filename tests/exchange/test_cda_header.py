"""Metadata follow from the CDA header: values written out by hand, so that builder and checks cannot be wrong together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.exchange.cda_header import CdaHeader, entry_of, read_header, utc
from conformance.exchange.checks.crosscheck import differences
from conformance.exchange.metadata import Author, Coded
from conformance.exchange.naming import (
    parse_subject,
    patient_address,
    patient_of,
    pdf_name_of,
    subject_of,
)

DOCUMENT = """<ClinicalDocument xmlns="urn:hl7-org:v3">
<templateId root="1.2.250.1.213.1.1.1.1"/><templateId root="1.2.250.1.213.1.1.1.55" extension="2024.01"/>
<id root="1.2.3.4" extension="CR-7"/>
<code code="11502-2" codeSystem="2.16.840.1.113883.6.1" displayName="CR d'examens biologiques"/>
<title>Compte rendu de biologie</title><effectiveTime value="20150803101500+0200"/>
<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="fr-FR"/>
<setId root="1.2.3.5"/><versionNumber value="2"/>
<recordTarget><patientRole>
<id root="1.2.250.1.213.1.4.10" extension="207058575627097"/><id root="1.2.3.6" extension="IPP-1"/>
<patient><name><family qualifier="BR">VIAL</family><given>PAULE RENÉE</given><given qualifier="BR">PAULE</given>
<family qualifier="CL">DUBOIS</family></name>
<administrativeGenderCode code="F"/><birthTime value="20070521"/></patient></patientRole></recordTarget>
<author><functionCode code="PCP" displayName="Médecin Traitant"/><assignedAuthor>
<id root="1.2.250.1.71.4.2.1" extension="899900000003"/>
<code code="G15_10/SM26" codeSystem="1.2.250.1.213.1.1.4.5" displayName="Médecin"/>
<assignedPerson><name><given>Anouk</given><family>BREHIER</family></name></assignedPerson>
<representedOrganization><id root="1.2.250.1.71.4.2.2" extension="1350000014"/><name>Labo &amp; Fils</name></representedOrganization>
</assignedAuthor></author>
<legalAuthenticator><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="899900000003"/>
<assignedPerson><name><given>Anouk</given><family>BREHIER</family></name></assignedPerson></assignedEntity></legalAuthenticator>
<documentationOf><serviceEvent><effectiveTime><low value="201508020030+0200"/></effectiveTime>
<performer><assignedEntity><representedOrganization><standardIndustryClassCode code="AMBULATOIRE" codeSystem="1.2.250.1.213.1.1.4.9"/>
</representedOrganization></assignedEntity></performer></serviceEvent></documentationOf>
<relatedDocument typeCode="RPLC"><parentDocument><id root="1.2.3.4" extension="CR-6"/></parentDocument></relatedDocument>
<componentOf><encompassingEncounter><location><healthCareFacility><code code="SA25" codeSystem="1.2.250.1.71.4.2.4"/>
</healthCareFacility></location></encompassingEncounter></componentOf>
</ClinicalDocument>"""


@pytest.fixture(scope="module")
def header() -> CdaHeader:
    return read_header(etree.fromstring(DOCUMENT))


def test_the_entry_says_what_the_header_says(header: CdaHeader) -> None:
    entry = entry_of(header, "Document01")
    doctor = "899900000003^BREHIER^Anouk^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
    assert entry.patient_id == "207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH"
    assert entry.source_patient_id == "IPP-1^^^&1.2.3.6&ISO^PI"
    assert entry.source_patient_info == (
        "PID-5|VIAL^PAULE^PAULE RENÉE^^^^L", "PID-5|DUBOIS^PAULE^^^^^D", "PID-7|20070521", "PID-8|F",
    )  # fmt: skip
    assert entry.unique_id == "1.2.3.4^CR-7"
    assert (entry.creation_time, entry.service_start_time, entry.service_stop_time) == (
        "20150803081500",
        "201508012230",
        None,
    )
    assert entry.type_code == Coded("11502-2", "2.16.840.1.113883.6.1", "CR d'examens biologiques")
    assert entry.class_code == Coded("10", "1.2.250.1.213.1.1.4.1")
    assert entry.format_code == Coded("urn:ihe:lab:xd-lab:2008", "1.3.6.1.4.1.19376.1.2.3")
    assert entry.healthcare_facility_type == Coded("SA25", "1.2.250.1.71.4.2.4")
    assert entry.practice_setting == Coded("AMBULATOIRE", "1.2.250.1.213.1.1.4.9")
    assert entry.legal_authenticator == doctor
    assert entry.authors == (
        Author(
            person=doctor,
            institutions=("Labo \\T\\ Fils^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1350000014",),
            roles=("Médecin Traitant",),
            specialties=("G15_10/SM26^Médecin^1.2.250.1.213.1.1.4.5",),
        ),
    )
    assert (entry.mime_type, entry.language_code, entry.action) == ("text/xml", "fr-FR", "C")
    assert header.replaces == (("1.2.3.4", "CR-6"),)
    assert list(differences(entry, header)) == []


def test_the_names_follow_from_the_header(header: CdaHeader) -> None:
    assert subject_of([header]) == "XDM/1.0/DDM+CR d'examens biologiques VIAL PAULE 21/05/2007"
    assert subject_of([header, header]) == "XDM/1.0/DDM+2 documents VIAL PAULE 21/05/2007"
    assert pdf_name_of(header) == "20150802_CR d'examens biologiques_VIAL_PAULE.pdf"
    assert pdf_name_of(header, "12150302014578") == "20150802_CR d'examens biologiques_VIAL_PAULE_12150302014578.pdf"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("20240611101500+0200", "20240611081500"),
        ("20240111101500+0100", "20240111091500"),
        ("202401010030+0100", "202312312330"),
        ("20240611101500.123+0200", "20240611081500"),
        ("20240611", "20240611"),
        ("2024", "2024"),
        ("20240711101500", "20240711081500"),
        ("20240611101500+0000", "20240611101500"),
        ("20241311101500+0200", ""),
        ("hier", ""),
        ("", ""),
    ],
)
def test_times_are_put_in_utc(written: str, said: str) -> None:
    assert utc(written) == said


@given(st.text(max_size=25))
def test_any_text_has_a_time_or_none(text: str) -> None:
    assert utc(text) == "" or utc(text).isdecimal()


def test_a_subject_is_taken_apart() -> None:
    subject = parse_subject("[KO][902] XDM/1.0/DDM+CR VIAL Paul 26/11/1978")
    assert subject is not None
    assert (subject.tag, subject.words, subject.birth_date) == ("[KO][902]", "CR VIAL Paul", "26/11/1978")
    assert parse_subject("Bonjour") is None


def test_the_address_of_a_patient_needs_a_right_key() -> None:
    address = patient_address("207058575627097")
    assert address == "207058575627097@patient.mssante.fr"
    assert patient_of(address.upper()) == "207058575627097"
    assert patient_of("207058575627097@quai.mssante.fr") is None
    with pytest.raises(ValueError, match="key"):
        patient_address("207058575627098")
