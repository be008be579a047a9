"""A small run told through the recorder: every verdict, nested steps, evidence, findings, figures."""

from __future__ import annotations

from pathlib import Path

from conformance.core.events import FactsOfTest, RunStarted, bilingual
from conformance.core.findings import Finding, Place, Severity, Trust
from conformance.core.language import Text
from conformance.core.recorder import Recorder
from conformance.core.verdicts import Verdict

CANARY_FAMILY = "CANARINI-OISEAU"
CANARY_GIVEN = "Zéphyrine"
CANARY_INS = "279035121518989"
CANARY_TOKEN = "eyJhbGciOiJub25l.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl"
CANARY_KEY = "-----BEGIN PRIVATE KEY-----\nQ0FOQVJZS0VZ\n-----END PRIVATE KEY-----"

VSM = f"""<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3">
  <realmCode code="FR"/>
  <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
  <id root="1.2.250.1.213.1.4.10.99" extension="sample-1"/>
  <code code="60591-5" codeSystem="2.16.840.1.113883.6.1" displayName="Profil médical"/>
  <title>Volet de synthèse médicale</title>
  <effectiveTime value="20260915093000+0200"/>
  <confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>
  <languageCode code="fr-FR"/>
  <recordTarget>
    <patientRole>
      <id root="1.2.250.1.213.1.4.10" extension="{CANARY_INS}"/>
      <patient>
        <name><family qualifier="BR">{CANARY_FAMILY}</family><given>{CANARY_GIVEN}</given></name>
        <administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/>
        <birthTime value="19790317"/>
      </patient>
    </patientRole>
  </recordTarget>
  <component>
    <structuredBody>
      <component>
        <section>
          <code code="48765-2" codeSystem="2.16.840.1.113883.6.1"/>
          <title>Allergies et intolérances</title>
          <text>
            <table><thead><tr><th>Substance</th><th>Réaction</th><th>Statut</th></tr></thead>
            <tbody><tr><td>Pénicilline</td><td>Urticaire</td><td>Active</td></tr></tbody></table>
          </text>
        </section>
      </component>
      <component>
        <section>
          <code code="11450-4" codeSystem="2.16.840.1.113883.6.1"/>
          <title>Pathologies en cours</title>
          <text><list><item>Diabète de type 2</item><item>Hypertension artérielle</item></list></text>
        </section>
      </component>
    </structuredBody>
  </component>
</ClinicalDocument>
"""

MAIL = f"""From: cabinet@test.mssante.example\r
To: hopital@test.mssante.example\r
Subject: =?utf-8?q?XDM/1.0/DDM_Synth=C3=A8se?=\r
Date: Tue, 15 Sep 2026 09:31:00 +0200\r
Message-ID: <sample-1@test.mssante.example>\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary="frontier"\r
\r
--frontier\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: 8bit\r
\r
Bonjour, voici la synthèse de {CANARY_GIVEN} {CANARY_FAMILY}.\r
--frontier\r
Content-Type: application/zip; name=IHE_XDM.ZIP\r
Content-Disposition: attachment; filename=IHE_XDM.ZIP\r
Content-Transfer-Encoding: base64\r
\r
UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==\r
--frontier--\r
"""

SOAP = f"""<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://www.w3.org/2005/08/addressing">
  <soap:Header>
    <wsa:Action>urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b</wsa:Action>
    <wsa:MessageID>urn:uuid:00000000-0000-4000-8000-000000000001</wsa:MessageID>
    <Security><X509Certificate>TUlJQ2FuYXJ5Q2VydGlmaWNhdGU=</X509Certificate></Security>
  </soap:Header>
  <soap:Body><Submit><Slot name="sourcePatientInfo"><Value>PID-5|{CANARY_FAMILY}^{CANARY_GIVEN}</Value></Slot></Submit></soap:Body>
</soap:Envelope>
"""


def header(**changes: object) -> RunStarted:
    """A header like those of real runs."""
    said: RunStarted = {
        "run": "20260915-073000-sample",
        "product": {"name": "Cabinet Témoin", "version": "4.2.1", "vendor": "Éditions Hippocrate"},
        "adapter": "http",
        "kit": "0.1.0",
        "python": "3.11.2",
        "platform": "Linux",
        "seed": 20260915,
        "explore": False,
        "strict": False,
        "language": "fr",
        "profiles": [
            {"id": "vsm", "title": {"fr": "Volet de synthèse médicale", "en": "Medical summary (VSM)"}},
            {"id": "mssante", "title": {"fr": "Messagerie sécurisée (MSSanté)", "en": "Secure mail (MSSanté)"}},
        ],
        "versions": {"rules": "2026.09", "value_sets": "2024-06", "catalogue": "2026.09"},
        "selection": "",
        "requirements": {
            "DOC.03": _requirement(
                "Préremplir le VSM à partir du dossier, et laisser le médecin le modifier avant de le valider.",
                "Prefill the VSM from the record, and let the physician edit it before signing.",
                "documents",
            ),
            "DOC.01": _requirement(
                "Produire un VSM conforme au volet publié.",
                "Produce a VSM that follows the published volume.",
                "documents",
                proofs_asked=[{"kind": "gazelle", "test_case": "CI-SIS-VSM-Create_doc-Sc1"}, {"kind": "video", "test_case": ""}],
            ),
            "INS/va1.53": _requirement(
                "N’envoyer le matricule INS que lorsque l’identité est qualifiée.",
                "Send the INS number only when the identity is qualified.",
                "ins",
                trust="published",
            ),
            "INS/va1.54": _requirement("Tracer chaque appel à INSi.", "Keep a trace of each call to INSi.", "ins", scenarios=["INS/va1.54.01"]),
            "MSS/va1.20": _requirement("Joindre le document dans une archive XDM.", "Attach the document in an XDM archive.", "mssante"),
            "MSS/va1.21": _requirement("Ne pas envoyer deux fois le même document.", "Never send the same document twice.", "mssante", trust="second_hand", obligation="conditional"),
            "MSS/va1.22": _requirement("Afficher les accusés de réception.", "Show the receipts.", "mssante", obligation="optional"),
            "INS/va1.60": _requirement("Former les utilisateurs à l’identitovigilance.", "Train the users in identity vigilance.", "ins", verification="person"),
            "SSI/va1.02": _requirement("Faire réaliser un test d’intrusion.", "Have a penetration test done.", "ins", verification="third_party"),
        },
        "domains": {
            "documents": {"fr": "Documents et VSM", "en": "Documents and VSM"},
            "ins": {"fr": "Identité nationale de santé", "en": "National health identity"},
            "mssante": {"fr": "Messagerie sécurisée de santé", "en": "Secure health mail"},
        },
    }  # fmt: skip
    said.update(changes)  # type: ignore[typeddict-item]
    return said


def _requirement(fr: str, en: str, domain: str, **changes: object) -> dict[str, object]:
    facts: dict[str, object] = {
        "title": {"fr": fr, "en": en},
        "domain": domain,
        "trust": "register_2023",
        "obligation": "mandatory",
        "verification": "machine",
    }
    return facts | changes


def facts(name: str, fr: str, en: str, *requirements: str, profile: str = "vsm") -> FactsOfTest:
    """What a test of the sample is."""
    return {
        "id": f"profiles/{profile}/test_sample.py::{name}",
        "title": {"fr": fr, "en": en},
        "description": bilingual(
            Text("Un essai de l’exemple, raconté pas à pas.", "A test of the sample, told step by step.")
        ),
        "profile": profile,
        "requirements": list(requirements),
        "scenarios": [f"{requirements[0]}-SC1"] if requirements else [],
        "proofs": [f"{requirements[0]}-P1"] if requirements else [],
    }


TESTS = [
    facts("test_says_what_the_record_says", "Le VSM dit ce que dit le dossier", "The VSM says what the record says", "DOC.01", "DOC.03"),
    facts("test_is_valid", "Le VSM est valide dans toutes les couches", "The VSM is valid in every layer", "DOC.01"),
    facts("test_ins_only_when_qualified", "Le matricule ne part que qualifié", "The number leaves only when qualified", "INS/va1.53"),
    facts("test_insi_trace", "Les appels à INSi sont tracés", "Calls to INSi are traced", "INS/va1.54"),
    facts("test_xdm", "Le document voyage dans une archive XDM", "The document travels in an XDM archive", "MSS/va1.20", profile="mssante"),
    facts("test_no_duplicate", "Aucun document n’est envoyé deux fois", "No document is sent twice", "MSS/va1.21", profile="mssante"),
    facts(f"test_receipts[{CANARY_FAMILY}]", "Les accusés sont affichés", "Receipts are shown", "MSS/va1.22", profile="mssante"),
    facts("test_never_started", "Jamais commencé", "Never started", "MSS/va1.20", profile="mssante"),
]  # fmt: skip


def write_sample_run(folder: Path, *, finished: bool = True, with_fault: bool = True, **changes: object) -> Path:
    """Tell the sample run into ``folder``: two workers and a controller."""
    controller, first, second = Recorder(folder), Recorder(folder, "gw0"), Recorder(folder, "gw1")
    controller.start_run(header(**changes))
    for worker in (first, second):
        worker.select(TESTS)
        worker.protect(CANARY_FAMILY, CANARY_GIVEN)
    _faithful(first, with_fault)
    _valid(first, with_fault)
    _qualified(second)
    _xdm(second)
    second.start_test(TESTS[3])
    second.finish_test(
        Verdict.TO_REVIEW,
        reason="operation.not-offered",
        message=Text(
            "Le produit n’offre pas cette opération : une personne doit regarder.",
            "The product does not offer this operation: a person must look.",
        ),
        duration=0.02,
    )
    first.start_test(TESTS[5])
    first.finish_test(
        Verdict.BENCH_ERROR if with_fault else Verdict.PASS,
        reason="simulator.port-taken" if with_fault else "",
        message=Text("Le port du simulateur était pris.", "The port of the simulator was taken."),
        failure=f"OSError: [Errno 98] address in use; Authorization: Bearer {CANARY_TOKEN}",
        duration=0.31,
    )
    second.start_test(TESTS[6])
    if finished:
        second.finish_test(
            Verdict.NOT_APPLICABLE,
            reason="optional_not_offered",
            message=Text("Le produit n’offre pas cette option.", "The product does not offer this option."),
        )
        controller.finish_run()
    for recorder in (controller, first, second):
        recorder.close()
    return folder


def _faithful(recorder: Recorder, with_fault: bool) -> None:
    recorder.start_test(TESTS[0])
    with recorder.step(Text("Créer la patiente et son dossier", "Create the patient and her record")):
        recorder.attach(
            "patient.json",
            f'{{"family": "{CANARY_FAMILY}", "given": ["{CANARY_GIVEN}"], "ins": "{CANARY_INS}"}}',
            "application/json",
            role="sent",
        )
    with recorder.step(Text("Demander le VSM", "Ask for the VSM")):
        document = recorder.attach("vsm.xml", VSM, "application/xml", document_type="VSM_2023.01", proof="DOC.01-P1")
        with recorder.step(Text("Comparer les allergies au dossier", "Compare the allergies with the record")):
            if with_fault:
                recorder.finding(
                    Finding(
                        "vsm.allergies.missing",
                        Severity.ERROR,
                        "fidelity",
                        Text(
                            f"L’allergie « arachide » du dossier de {CANARY_GIVEN} manque dans le VSM. Attendu : une "
                            "entrée par allergie. Trouvé : une seule entrée. Ajoutez l’entrée manquante.",
                            f"The allergy “peanut” of the record of {CANARY_GIVEN} is missing from the VSM. Expected: "
                            "one entry for each allergy. Found: one entry only. Add the missing entry.",
                        ),
                        Place(30, 11, "/ClinicalDocument/component/structuredBody/component[1]/section/title"),
                        requirements=("DOC.01",),
                        source="CI-SIS VSM, section Allergies et intolérances",
                    ),
                    document,
                )
    recorder.figure("vsm.entries", 3, title=Text("Entrées retrouvées", "Entries found again"), total=4)
    recorder.finish_test(
        Verdict.FAIL if with_fault else Verdict.PASS,
        message=Text("1 allergie sur 2 manque.", "1 allergy of 2 is missing.") if with_fault else Text("", ""),
        duration=1.42,
        replay="segur run --profile vsm --seed 20260915 -k test_says_what_the_record_says",
        failure=f"AssertionError: peanut not in document of {CANARY_INS}\n{CANARY_KEY}" if with_fault else "",
    )


def _valid(recorder: Recorder, with_fault: bool) -> None:
    recorder.start_test(TESTS[1])
    with recorder.step(Text("Valider le document", "Validate the document")):
        document = recorder.attach("vsm.xml", VSM, "application/xml", document_type="VSM_2023.01")
        recorder.finding(
            Finding(
                "header.ins.key",
                Severity.WARNING,
                "identities",
                Text(
                    "Le matricule est celui d’une identité de test.", "The number is that of a test identity."
                ),
                Place(13, 11, "/ClinicalDocument/recordTarget/patientRole/id"),
                requirements=("INS/va1.53",),
                trust=Trust.OWN,
                beyond_official=True,
            ),
            document,
        )  # fmt: skip
    recorder.finish_test(Verdict.PASS, duration=0.2)


def _qualified(recorder: Recorder) -> None:
    recorder.start_test(TESTS[2])
    with recorder.step(Text("Déposer un document dans le DMP", "File a document in the DMP")):
        recorder.attach("depot.soap.xml", SOAP, "application/soap+xml", role="received")
    for hour, state in enumerate(("accepted", "refused", "accepted"), start=9):
        recorder.figure(
            "dmp.deposits",
            1,
            title=Text("Dépôts au DMP", "Deposits in the DMP"),
            label=f"VSM {hour}",
            at=f"2026-09-15T0{hour - 1}:00:00+00:00" if hour < 11 else f"2026-09-15T{hour - 1}:00:00+00:00",
            state=state,
        )
    recorder.figure("dmp.deposits", 1, title=Text("Dépôts au DMP", "Deposits in the DMP"), label="DMP",
                    at="2026-09-15T08:40:00+00:00", until="2026-09-15T09:20:00+00:00", state="outage")  # fmt: skip
    recorder.figure("dmp.feeding", 38, title=Text("Alimentation du DMP", "Feeding of the DMP"), total=40)
    recorder.finish_test(Verdict.PASS, duration=0.6)


def _xdm(recorder: Recorder) -> None:
    recorder.start_test(TESTS[4])
    with recorder.step(Text("Relever la boîte d’envoi", "Read the outbox")):
        recorder.attach("message.eml", MAIL, "message/rfc822", role="received")
        recorder.attach("IHE_XDM.ZIP", b"PK\x05\x06" + bytes(18), "application/zip", role="received")
    for label, value, low, high in (("TSH", 2.1, 0.4, 4.0), ("CRP", 12.0, 0.0, 5.0)):
        recorder.figure("bio.results", value, "mg/L", title=Text("Résultats et leurs bornes", "Results and their ranges"),
                        label=label, low=low, high=high)  # fmt: skip
    recorder.finish_test(Verdict.PASS, duration=0.4)
