"""A valid header of our own that holds every part that the header rules look at; its proof starts from it.

Invented people and structures; the patient's matricule carries the OID of the INS for tests.
"""

from __future__ import annotations

from typing import Final

_ADDRESS: Final = """<addr use="WP"><houseNumber>12</houseNumber><streetName>Rue des Tilleuls</streetName>
<postalCode>35000</postalCode><city>RENNES</city><country>FRANCE</country></addr>"""

_TELECOM: Final = '<telecom value="tel:0299000012" use="WP"/>'

_PERSON: Final = """<name><prefix>MME</prefix><given>Anouk</given><family>BREHIER</family><suffix>DR</suffix></name>"""

_PROFESSION: Final = """<code code="G15_10/SM26" codeSystem="1.2.250.1.213.1.1.4.5"
displayName="Médecin - Qualifié en Médecine Générale (SM)"/>"""

_SETTING: Final = """<standardIndustryClassCode code="AMBULATOIRE" codeSystem="1.2.250.1.213.1.1.4.9"
displayName="Ambulatoire"/>"""

_STRUCTURE: Final = '<id root="1.2.250.1.71.4.2.2" extension="1350000014"/><name>Cabinet des Tilleuls</name>'

_DOCTOR_ID: Final = '<id root="1.2.250.1.71.4.2.1" extension="899900000003"/>'

_ENTITY: Final = f"""<assignedEntity>{_DOCTOR_ID}{_PROFESSION}{_ADDRESS}{_TELECOM}
<assignedPerson>{_PERSON}</assignedPerson>
<representedOrganization>{_STRUCTURE}{_TELECOM}{_ADDRESS}{_SETTING}</representedOrganization></assignedEntity>"""

_PATIENT: Final = f"""<recordTarget><patientRole>
<id root="1.2.250.1.213.1.4.10" extension="285073523804239"/>
<id root="1.2.3.4.567.8.9.10" extension="4071"/>
<addr use="H"><streetAddressLine>4 PLACE DES LICES</streetAddressLine>
<streetAddressLine>35000 RENNES</streetAddressLine></addr>
<telecom value="tel:0600000071" use="MC"/><telecom value="mailto:285073523804239@patient.mssante.fr"/>
<patient classCode="PSN">
<name><prefix>MME</prefix><family qualifier="BR">PRIGENT</family><given>MAELLE ANNE</given><given qualifier="BR">MAELLE</given>
<family qualifier="CL">LE GOFF</family><given qualifier="CL">MAELLE</given><suffix>PR</suffix></name>
<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1" displayName="Féminin"/>
<birthTime value="19850714"/>
<sdtc:deceasedInd value="false"/>
<sdtc:multipleBirthInd value="true"/><sdtc:multipleBirthOrderNumber value="2"/>
<guardian><id root="1.2.3.4.567.8.9.10" extension="4072"/><addr nullFlavor="MSK"/>
<telecom value="tel:0600000072" use="MC"/>
<guardianPerson><name><prefix>M</prefix><family qualifier="BR">PRIGENT</family><given>Yann</given></name></guardianPerson></guardian>
<guardian><guardianOrganization>{_STRUCTURE}</guardianOrganization></guardian>
<birthplace><place><name>RENNES</name><addr><county>35238</county><city>RENNES</city></addr></place></birthplace>
</patient></patientRole></recordTarget>"""

_AUTHORS: Final = f"""<author>
<functionCode code="PCP" codeSystem="2.16.840.1.113883.5.88" displayName="Médecin Traitant"><originalText>médecin traitant</originalText></functionCode>
<time value="20240611101500+0200"/>
<assignedAuthor>{_DOCTOR_ID}{_PROFESSION}{_ADDRESS}{_TELECOM}
<assignedPerson>{_PERSON}</assignedPerson>
<representedOrganization>{_STRUCTURE}{_TELECOM}{_ADDRESS}{_SETTING}</representedOrganization></assignedAuthor></author>
<author><time value="20240611101500+0200"/>
<assignedAuthor><id root="1.2.250.1.71.4.2.1" extension="1350000014/4.2"/>
<code code="LOGICIEL_DUI" codeSystem="1.2.250.1.213.1.1.4.6" displayName="Logiciel de Dossier Usager Informatisé"/>
<assignedAuthoringDevice><manufacturerModelName>Éditions Locmaria</manufacturerModelName>
<softwareName>Cabinet 4.2</softwareName></assignedAuthoringDevice>
<representedOrganization>{_STRUCTURE}</representedOrganization></assignedAuthor></author>"""

_LINES: Final = """<addr use="WP"><streetAddressLine>12 RUE DES TILLEULS</streetAddressLine>
<streetAddressLine>35000 RENNES</streetAddressLine></addr>"""

_INFORMANTS: Final = f"""<dataEnterer><time value="20240611101000+0200"/>{_ENTITY.replace(_ADDRESS, _LINES, 1)}</dataEnterer>
<informant>{_ENTITY}</informant>
<informant><relatedEntity classCode="NOK">
<code code="BRO" codeSystem="2.16.840.1.113883.5.111" displayName="Frère"><originalText>frère</originalText></code>
<addr nullFlavor="NAV"/><telecom value="tel:0600000073" use="MC"/>
<relatedPerson><name><prefix>M</prefix><family>PRIGENT</family><given>Erwan</given><suffix>DR</suffix></name></relatedPerson>
</relatedEntity></informant>"""

_KEEPERS: Final = f"""<custodian><assignedCustodian><representedCustodianOrganization>{_STRUCTURE}{_TELECOM}{_ADDRESS}
</representedCustodianOrganization></assignedCustodian></custodian>
<informationRecipient><intendedRecipient>{_DOCTOR_ID}{_ADDRESS}{_TELECOM}
<informationRecipient>{_PERSON}</informationRecipient>
<receivedOrganization>{_STRUCTURE}{_TELECOM}{_ADDRESS}</receivedOrganization></intendedRecipient></informationRecipient>
<legalAuthenticator><time value="20240611101500+0200"/><signatureCode code="S"/>{_ENTITY}</legalAuthenticator>
<authenticator><time value="20240611101500+0200"/><signatureCode code="S"/>{_ENTITY}</authenticator>"""

_PARTICIPANTS: Final = f"""<participant typeCode="REF">
<templateId root="1.2.3.4.567.8.9.40"/><functionCode code="CORRE" codeSystem="1.2.250.1.213.1.1.4.2.280" displayName="Correspondant"><originalText>correspondant</originalText></functionCode>
<time xsi:type="IVL_TS"><low value="20240601"/><high value="20240610"/></time>
<associatedEntity classCode="PROV">{_DOCTOR_ID}{_PROFESSION}{_ADDRESS}{_TELECOM}
<associatedPerson>{_PERSON}</associatedPerson>
<scopingOrganization>{_STRUCTURE}{_TELECOM}{_ADDRESS}{_SETTING}</scopingOrganization></associatedEntity></participant>
<inFulfillmentOf><order><id root="1.2.3.4.567.8.9.20" extension="P-77"/>
<code code="ABC" codeSystem="1.2.3.4.567.8.9.21" displayName="Bilan"><originalText>bilan</originalText></code>
<ps3-20:accessionNumber root="1.2.3.4.567.8.9.22" extension="A-12"/></order></inFulfillmentOf>"""

_EVENTS: Final = f"""<documentationOf><serviceEvent><id root="1.2.3.4.567.8.9.23" extension="E-5"/>
<code code="34117-2" codeSystem="2.16.840.1.113883.6.1" displayName="Historique et clinique"><originalText>consultation</originalText>
<translation code="YYYY001" codeSystem="1.2.250.1.213.2.5" displayName="Consultation"><qualifier>
<name code="121139" codeSystem="1.2.840.10008.2.16.4" displayName="Modalité d'imagerie"/></qualifier></translation></code>
<lab:statusCode code="completed"/>
<effectiveTime><low value="202406110945+0200"/><high value="202406111010+0200"/></effectiveTime>
<performer typeCode="PRF"><functionCode code="PCP" codeSystem="2.16.840.1.113883.5.88" displayName="Médecin Traitant"/>
<time><low value="202406110945+0200"/><high value="202406111010+0200"/></time>
<assignedEntity>{_DOCTOR_ID}{_PROFESSION}{_ADDRESS}{_TELECOM}<assignedPerson>{_PERSON}</assignedPerson>
<representedOrganization>{_STRUCTURE}{_TELECOM}{_ADDRESS}{_SETTING}
<asOrganizationPartOf><id root="1.2.3.4.567.8.9.24"/><code code="X1" codeSystem="1.2.3.4.567.8.9.25" displayName="Pôle"/>
<statusCode code="active"/><effectiveTime><low value="2020"/></effectiveTime></asOrganizationPartOf>
</representedOrganization></assignedEntity></performer></serviceEvent></documentationOf>
<documentationOf><serviceEvent><code nullFlavor="UNK"/><effectiveTime><low value="202406110945+0200"/></effectiveTime>
<performer typeCode="PRF">{_ENTITY}</performer></serviceEvent></documentationOf>
<relatedDocument typeCode="RPLC"><parentDocument><id root="1.2.3.4.567.8.9.30.1"/>
<versionNumber value="1"/></parentDocument></relatedDocument>
<authorization typeCode="AUTH"><consent classCode="CONS" moodCode="EVN"><id root="1.2.3.4.567.8.9.26" extension="C-1"/>
<code code="64292-6" codeSystem="2.16.840.1.113883.6.1" displayName="Non-opposition"/>
<statusCode code="completed"/></consent></authorization>"""

_ENCOUNTER: Final = f"""<componentOf><encompassingEncounter><id root="1.2.3.4.567.8.9.27" extension="V-9"/>
<code code="AMB" codeSystem="2.16.840.1.113883.5.4" displayName="Ambulatoire (hors établissement)"/>
<effectiveTime><low value="202406110930+0200"/><high value="202406111020+0200"/></effectiveTime>
<dischargeDispositionCode code="8" codeSystem="1.2.250.1.213.2.14" displayName="Domicile"/>
<responsibleParty>{_ENTITY}</responsibleParty>
<encounterParticipant typeCode="ATND"><time><low value="202406110930+0200"/><high value="202406111020+0200"/></time>{_ENTITY}</encounterParticipant>
<location><healthCareFacility><id root="1.2.3.4.567.8.9.28"/>
<code code="SA07" codeSystem="1.2.250.1.71.4.2.4" displayName="Cabinet individuel">
<translation code="1" codeSystem="1.2.3.4.567.8.9.29" displayName="Cabinet"/></code>
<location><name>Cabinet des Tilleuls</name>{_ADDRESS}</location></healthCareFacility></location>
</encompassingEncounter></componentOf>"""

_BODY: Final = """<component><structuredBody><component><section>
<code code="48767-8" codeSystem="2.16.840.1.113883.6.1" displayName="Commentaire"/><title>Commentaire</title>
<text>Rien de particulier.</text></section></component></structuredBody></component>"""

_OPENING: Final = """<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
xmlns:sdtc="urn:hl7-org:sdtc" xmlns:lab="urn:oid:1.3.6.1.4.1.19376.1.3.2" xmlns:ps3-20="urn:dicom-org:ps3-20"
classCode="DOCCLIN" moodCode="EVN">
<realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<templateId root="2.16.840.1.113883.2.8.2.1"/><templateId root="1.2.250.1.213.1.1.1.1"/>"""

_IDENTITY: Final = """<id root="1.2.3.4.567.8.9.30.2"/>
<code code="11488-4" codeSystem="2.16.840.1.113883.6.1" displayName="CR ou fiche de consultation ou de visite"/>
<title>Compte rendu de consultation</title><effectiveTime value="20240611101500+0200"/>
<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25" displayName="Normal"/>
<languageCode code="fr-FR"/><setId root="1.2.3.4.567.8.9.30"/><versionNumber value="2"/>"""

EXAMPLE: Final = (
    _OPENING
    + '<templateId root="1.2.3.4.567.8.9.31"/>'
    + _IDENTITY
    + "".join((_PATIENT, _AUTHORS, _INFORMANTS, _KEEPERS, _PARTICIPANTS, _EVENTS, _ENCOUNTER, _BODY))
    + "</ClinicalDocument>"
)
"""A structured document whose header has every part."""

LEVEL_1_EXAMPLE: Final = (
    _OPENING
    + '<templateId root="1.3.6.1.4.1.19376.1.2.20"/>'
    + _IDENTITY
    + "".join((_PATIENT, _AUTHORS, _INFORMANTS, _KEEPERS, _PARTICIPANTS, _EVENTS, _ENCOUNTER))
    + '<component><nonXMLBody><text mediaType="text/plain" representation="B64">UmllbiBkZSBwYXJ0aWN1bGllci4=</text>'
    + "</nonXMLBody></component></ClinicalDocument>"
)
"""The same header on a document that is not structured (CDA level 1)."""
