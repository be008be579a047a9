"""The evidence bundle: laid out by requirement, the same octets each time, and no change goes unseen."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.core.errors import UsageError
from conformance.reporting import signature as cms
from conformance.reporting.bundle import MANIFEST, make_bundle, pack
from conformance.reporting.bundle_check import check_bundle
from conformance.reporting.merge import merge_run
from conformance.reporting.model import RunReport
from tests.conftest import need
from tests.reporting.sample_run import MAIL, VSM, write_sample_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunReport:
    return merge_run(write_sample_run(tmp_path_factory.mktemp("run")))


@pytest.fixture(scope="module")
def bundle(run: RunReport) -> bytes:
    return make_bundle(run, ("json", "html", "junit"))


def files_of(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def codes(bundle: bytes) -> set[str]:
    return {one.code for one in check_bundle(bundle).problems}


def test_is_sound(bundle: bytes) -> None:
    check = check_bundle(bundle)
    assert check.problems == []
    assert check.files == len(files_of(bundle))
    assert check.replayed == 1


def test_same_run_gives_the_same_octets(run: RunReport, bundle: bytes) -> None:
    assert make_bundle(run, ("json", "html", "junit")) == bundle


def test_lays_evidence_out_by_requirement_scenario_and_proof(bundle: bytes) -> None:
    names = set(files_of(bundle))
    assert "requirements/DOC.01/DOC.01-SC1/DOC.01-P1/test_says_what_the_record_says/02-vsm.xml" in names
    assert "requirements/MSS_va1.20/MSS_va1.20-SC1/MSS_va1.20-P1/test_xdm/01-message.eml" in names


def test_manifest_says_what_everything_rests_on(run: RunReport, bundle: bytes) -> None:
    manifest = json.loads(files_of(bundle)[MANIFEST])
    assert manifest["versions"]["rules"] == "2026.09"
    assert manifest["counts"] == run.counts()
    assert manifest["requirements"]["DOC.01"] == "fail"
    evidence = [one for one in manifest["files"] if one["kind"] == "evidence"]
    assert {"path", "sha256", "size", "at", "requirement", "scenario", "proof", "test", "role"} <= set(evidence[0])


def test_index_masks_the_canary(bundle: bytes) -> None:
    manifest = files_of(bundle)[MANIFEST].decode()
    assert "CANARINI" not in manifest
    assert "Zéphyrine" not in manifest
    assert not [name for name in files_of(bundle) if "canarini" in name.lower()]


def test_changed_byte_in_any_file_is_found(bundle: bytes) -> None:
    files = files_of(bundle)
    assert len(files) > 8
    for name, data in files.items():
        changed = bytearray(data)
        changed[len(changed) // 2] ^= 1
        problems = check_bundle(pack({**files, name: bytes(changed)})).problems
        assert problems, name


@settings(max_examples=150, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_changed_bit_anywhere_in_the_zip_is_found(bundle: bytes, place: float, bit: int) -> None:
    changed = bytearray(bundle)
    at = int(place * len(bundle))
    changed[at] ^= 1 << bit
    assert codes(bytes(changed)) or files_of(bytes(changed)) == files_of(bundle)


def test_missing_file_is_found(bundle: bytes) -> None:
    files = files_of(bundle)
    del files["junit.xml"]
    assert codes(pack(files)) == {"missing"}


def test_added_file_is_found(bundle: bytes) -> None:
    assert codes(pack({**files_of(bundle), "requirements/extra.xml": b"<x/>"})) == {"extra"}


def test_bundle_without_manifest_is_found(bundle: bytes) -> None:
    files = files_of(bundle)
    del files[MANIFEST]
    assert "manifest" in codes(pack(files))


def test_zip_written_again_by_another_tool_is_found(bundle: bytes) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files_of(bundle).items():
            archive.writestr(name, data)
    assert "container" in codes(out.getvalue())


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_bundle_is_said(data: bytes) -> None:
    assert not check_bundle(data).sound


@pytest.mark.parametrize("added", ["before", "after", "between", "comment"])
def test_octets_beside_the_files_are_found(bundle: bytes, added: str) -> None:
    end = bundle.rindex(b"PK\x05\x06")
    directory = int.from_bytes(bundle[end + 16 : end + 20], "little")
    moved = bundle[end : end + 16] + (directory + 6).to_bytes(4, "little") + bundle[end + 20 :]
    changed = {
        "before": b"hidden" + bundle,
        "after": bundle + b"hidden",
        "between": bundle[:directory] + b"hidden" + bundle[directory:end] + moved,
        "comment": bundle[:-2] + (6).to_bytes(2, "little") + b"hidden",
    }
    assert "container" in codes(changed[added])


def with_manifest(bundle: bytes, manifest: Any, **others: bytes) -> bytes:
    """The bundle with another manifest, its digest made anew."""
    written = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    digest = f"{hashlib.sha256(written).hexdigest()}  {MANIFEST}\n".encode()
    return pack({**files_of(bundle), **others, MANIFEST: written, "manifest.sha256": digest})


def manifest_of(bundle: bytes) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(files_of(bundle)[MANIFEST])
    return value


def test_result_that_no_longer_replays_is_found(bundle: bytes) -> None:
    manifest = manifest_of(bundle)
    ((_, said),) = manifest["documents"].items()
    said["findings"] = [["invented.rule", "error", "0" * 16]]
    assert codes(with_manifest(bundle, manifest)) == {"replay"}


def test_document_whose_result_was_taken_out_of_the_manifest_is_found(bundle: bytes) -> None:
    assert codes(with_manifest(bundle, {**manifest_of(bundle), "documents": {}})) == {"replay"}


@pytest.mark.parametrize("key", ["versions", "product", "documents", "files", "run", "counts", "verdict"])
@pytest.mark.parametrize("value", [None, [], "x", {"a": 1}, [1]])
def test_manifest_of_another_shape_is_said(bundle: bytes, key: str, value: Any) -> None:
    assert codes(with_manifest(bundle, {**manifest_of(bundle), key: value}))


@pytest.mark.parametrize(
    "written", [b"[" * 200_000, b"1" * 5_000, b"\xff", b'{"a": NaN}', b'{"schema": "\\ud800"}', b""]
)
def test_manifest_that_cannot_be_read_is_said(bundle: bytes, written: bytes) -> None:
    assert "manifest" in codes(with_manifest(bundle, written))


def test_manifest_keeps_to_its_schema(bundle: bytes) -> None:
    files = files_of(bundle)
    jsonschema.validate(json.loads(files[MANIFEST]), json.loads(files["evidence-bundle.schema.json"]))


def doctored(bundle: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The bundle with another ``report.json``, every digest made anew: what a forger without the key would hand in."""
    report, manifest = json.loads(files_of(bundle)["report.json"]), manifest_of(bundle)
    change(report)
    written = json.dumps(report).encode()
    for one in manifest["files"]:
        if one["path"] == "report.json":
            one.update(sha256=hashlib.sha256(written).hexdigest(), size=len(written))
    return with_manifest(bundle, manifest, **{"report.json": written})


def test_verdict_that_is_not_that_of_the_tests_is_found(bundle: bytes) -> None:
    def change(report: dict[str, Any]) -> None:
        (one,) = [one for one in report["requirements"] if one["id"] == "DOC.01"]
        assert one["verdict"] == "fail"
        one["verdict"] = "pass"

    assert codes(doctored(bundle, change)) == {"report"}


def test_evidence_that_the_report_does_not_name_is_found(bundle: bytes) -> None:
    assert codes(doctored(bundle, lambda report: report["tests"][0]["evidence"].clear())) == {"report"}


def test_report_that_is_none_is_found(bundle: bytes) -> None:
    assert codes(doctored(bundle, lambda report: report.clear())) == {"report"}


def test_archive_that_would_fill_the_memory_is_not_unpacked(bundle: bytes) -> None:
    check = check_bundle(pack({**files_of(bundle), "zeros": bytes(30_000_000)}))
    assert [one.code for one in check.problems] == ["container"]
    assert check.files == 0


def test_document_inside_a_message_is_played_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = VSM.replace("Diabète de type 2", "Asthme").encode()
    carried = MAIL.replace("application/zip", "text/xml").replace(
        "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==", base64.encodebytes(letter).decode()
    )
    monkeypatch.setattr("tests.reporting.sample_run.MAIL", carried)
    made = make_bundle(merge_run(write_sample_run(tmp_path)))
    assert hashlib.sha256(letter).hexdigest() in manifest_of(made)["documents"]
    assert check_bundle(made).problems == []


def test_evidence_changed_since_the_run_is_refused(tmp_path: Path) -> None:
    report = merge_run(write_sample_run(tmp_path))
    (tmp_path / report.tests[0]["evidence"][0]["path"]).write_bytes(b"changed")
    with pytest.raises(UsageError) as error:
        make_bundle(report)
    assert error.value.code == "bundle.evidence-changed"


def test_evidence_that_is_gone_is_refused(tmp_path: Path) -> None:
    report = merge_run(write_sample_run(tmp_path))
    (tmp_path / report.tests[0]["evidence"][0]["path"]).unlink()
    with pytest.raises(UsageError) as error:
        make_bundle(report)
    assert error.value.code == "bundle.evidence-gone"


# ---- Signatures


def key_pair(folder: Path, kind: str, name: str = "vendor") -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} (test)")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private, public = folder / f"{name}.key", folder / f"{name}.pem"
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return private, public


@pytest.fixture(scope="module", params=["rsa", "ec"])
def keys(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return key_pair(tmp_path_factory.mktemp("keys"), request.param)


def test_signature_holds_and_names_the_signer(bundle: bytes, keys: tuple[Path, Path]) -> None:
    signature = cms.sign(bundle, *keys)
    check = check_bundle(bundle, signature)
    assert check.sound
    assert check.signer == cms.Signer("CN=vendor (test)", None)


def test_signature_of_a_trusted_signer(bundle: bytes, keys: tuple[Path, Path]) -> None:
    check = check_bundle(bundle, cms.sign(bundle, *keys), cms.load_authorities(keys[1]))
    assert check.sound
    assert check.signer is not None
    assert check.signer.trusted is True


def test_signature_of_a_stranger_is_a_problem(bundle: bytes, keys: tuple[Path, Path], tmp_path: Path) -> None:
    stranger = key_pair(tmp_path, "ec", "stranger")
    check = check_bundle(bundle, cms.sign(bundle, *stranger), cms.load_authorities(keys[1]))
    assert {one.code for one in check.problems} == {"signature"}


def test_signature_of_other_octets_does_not_hold(bundle: bytes, keys: tuple[Path, Path]) -> None:
    signature = cms.sign(bundle + b"x", *keys)
    assert "signature" in {one.code for one in check_bundle(bundle, signature).problems}


@pytest.mark.parametrize(
    "change", [lambda s: b"", lambda s: s[:100], lambda s: b"garbage", lambda s: s[:-3] + bytes(3)]
)
def test_broken_signature_is_said(bundle: bytes, keys: tuple[Path, Path], change: object) -> None:
    signature = change(cms.sign(bundle, *keys))  # type: ignore[operator]  # one of the lambdas above
    assert "signature" in {one.code for one in check_bundle(bundle, signature).problems}


def test_key_of_another_certificate_is_refused(keys: tuple[Path, Path], tmp_path: Path) -> None:
    other, _ = key_pair(tmp_path, "ec", "other")
    with pytest.raises(UsageError):
        cms.sign(b"x", other, keys[1])


@pytest.fixture
def openssl() -> None:
    need("openssl", shutil.which("openssl") is not None, "needs the openssl command")


@pytest.mark.usefixtures("openssl")
def test_openssl_reads_our_signature(keys: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"octets")
    (tmp_path / "data.p7s").write_bytes(cms.sign(b"octets", *keys))
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "data.p7s", "-content", "data",
               "-CAfile", str(keys[1]), "-purpose", "any", "-out", "out"]  # fmt: skip
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "out").read_bytes() == b"octets"


@pytest.mark.usefixtures("openssl")
@pytest.mark.parametrize("options", [[], ["-noattr"], ["-md", "sha512"]])
def test_we_read_the_signature_of_openssl(keys: tuple[Path, Path], tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "data").write_bytes(b"octets")
    command = ["openssl", "cms", "-sign", "-binary", "-outform", "DER", "-in", "data", "-out", "data.p7s",
               "-signer", str(keys[1]), "-inkey", str(keys[0]), *options]  # fmt: skip
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    signature = (tmp_path / "data.p7s").read_bytes()
    assert cms.check(b"octets", signature).subject == "CN=vendor (test)"
    with pytest.raises(ValueError, match=r"."):
        cms.check(b"octetz", signature)
