"""Archives: what is written is read back; what could harm is refused with its own sentence, within limits."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.core.errors import DocumentError
from conformance.exchange.metadata import DocumentEntry, RegistryObjects, SubmissionSet
from conformance.exchange.xdm import ArchiveLimits, is_xdm_name, read_archive
from conformance.exchange.xdm_writing import document_name, file_hash, with_files, write_xdm, write_zip

DOCUMENTS = st.lists(st.binary(max_size=400), min_size=1, max_size=5)


def objects_for(count: int) -> RegistryObjects:
    entries = tuple(DocumentEntry(id=f"Document{rank:02d}") for rank in range(count))
    return RegistryObjects(submission_sets=(SubmissionSet(id="set"),), documents=entries)


@given(DOCUMENTS)
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_back(documents: list[bytes]) -> None:
    files = [(document_name(rank), data) for rank, data in enumerate(documents, 1)]
    objects = with_files(objects_for(len(documents)), files)
    archive = read_archive(write_xdm(objects, files))
    assert [subset.metadata.objects for subset in archive.subsets if subset.metadata] == [objects]
    found = [(entry.uri, file.data if file else None) for _, entry, file in archive.documents()]
    assert found == files
    assert [entry.hash for _, entry, _ in archive.documents()] == [file_hash(data) for data in documents]


def test_the_same_content_gives_the_same_bytes() -> None:
    files = [("DOC0001.XML", b"<a/>")]
    assert write_xdm(objects_for(1), files) == write_xdm(objects_for(1), files)


def test_the_layout_is_that_of_the_profile() -> None:
    with zipfile.ZipFile(io.BytesIO(write_xdm(objects_for(1), [("DOC0001.XML", b"<a/>")]))) as archive:
        assert archive.namelist() == [
            "INDEX.HTM", "README.TXT", "IHE_XDM/SUBSET01/METADATA.XML", "IHE_XDM/SUBSET01/DOC0001.XML",
        ]  # fmt: skip


@pytest.mark.parametrize(
    "uri", ["DOC0001.XML", "./DOC0001.XML", "doc0001.xml", "SUBSET01/DOC0001.XML", "IHE_XDM/SUBSET01/DOC0001.XML", ".\\DOC0001.XML"]
)  # fmt: skip
def test_a_uri_is_followed_in_every_form_that_products_write(uri: str) -> None:
    objects = RegistryObjects(documents=(DocumentEntry(id="one", uri=uri),))
    ((_, _, file),) = read_archive(write_xdm(objects, [("DOC0001.XML", b"<a/>")])).documents()
    assert file is not None
    assert file.data == b"<a/>"


@pytest.mark.parametrize(
    "uri", ["../../../DOC0001.XML", "/DOC0001.XML", "file:DOC0001.XML", "http://x/DOC0001.XML", ""]
)
def test_a_uri_that_leads_outside_finds_nothing(uri: str) -> None:
    objects = RegistryObjects(documents=(DocumentEntry(id="one", uri=uri),))
    ((_, _, file),) = read_archive(write_xdm(objects, [("DOC0001.XML", b"<a/>")])).documents()
    assert file is None


def test_folders_in_the_archive_are_no_files() -> None:
    archive = read_archive(write_zip([("IHE_XDM/", b""), ("IHE_XDM/SUBSET01/", b""), ("README.TXT", b"x")]))
    assert [member.path for member in archive.members] == ["README.TXT"]


@given(st.binary(max_size=300).map(lambda data: b"PK\x03\x04" + data) | st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_noise_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"(?i)archive|pièce"):
        read_archive(data)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_spoilt_archive_is_read_or_refused_in_a_sentence(data: st.DataObject) -> None:
    archive = bytearray(write_xdm(objects_for(1), [("DOC0001.XML", b"<a/>" * 50)]))
    for _ in range(data.draw(st.integers(1, 8))):
        archive[data.draw(st.integers(0, len(archive) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = read_archive(bytes(archive))
    except DocumentError as error:
        assert error.code.startswith("archive.")  # noqa: PT017  # either way out is right
        assert error.sentence.fr != error.sentence.en  # noqa: PT017  # either way out is right
    else:
        assert all(".." not in member.path.split("/") for member in read.members)


def test_the_limits_are_kept() -> None:
    small = ArchiveLimits(packed=10)
    with pytest.raises(DocumentError) as caught:
        read_archive(write_zip([("A", b"x" * 100)]), limits=small)
    assert caught.value.code == "archive.too-large"
    with pytest.raises(DocumentError) as caught:
        read_archive(write_zip([("A", b"x")]), limits=ArchiveLimits(seconds=-1))
    assert caught.value.code == "archive.too-slow"
    with pytest.raises(DocumentError) as caught:
        read_archive(write_zip([("A.XML", b"<a/>" * 9)]), limits=ArchiveLimits(tags=8))
    assert caught.value.code == "archive.heavy-xml"
    with pytest.raises(DocumentError) as caught:
        read_archive(write_zip([(name, b"<a/>" * 9) for name in ("A.XML", "B.XML")]), limits=ArchiveLimits(all_tags=17))
    assert caught.value.code == "archive.heavy-xml"
    with pytest.raises(DocumentError) as caught:
        read_archive(write_zip([("A.XML", b"<a>" + b"x" * 99)]), limits=ArchiveLimits(xml=50))
    assert caught.value.code == "archive.heavy-xml"


@pytest.mark.parametrize("name", ["./INDEX.HTM", ".//INDEX.HTM", "INDEX.HTM"])
def test_a_name_is_read_without_what_changes_nothing_in_it(name: str) -> None:
    archive = read_archive(write_zip([("./", b""), (name, b"x")]))
    assert [member.path for member in archive.members] == ["INDEX.HTM"]


@pytest.mark.parametrize("twin", ["./INDEX.HTM", "index.htm", "INDEX.HTM/"])
def test_two_ways_to_write_one_name_are_one_name(twin: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_archive(write_zip([("INDEX.HTM", b"x"), (twin, b"")]))
    assert caught.value.code == "archive.duplicate-name"


@pytest.mark.parametrize("name", ["", "."])
def test_a_file_without_name_is_refused(name: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_archive(write_zip([("INDEX.HTM", b"x"), (name, b"x")]))
    assert caught.value.code == "archive.nameless"


def test_an_archive_without_files_is_refused() -> None:
    with pytest.raises(DocumentError) as caught:
        read_archive(write_zip([]))
    assert caught.value.code == "archive.no-files"


@pytest.mark.parametrize(("name", "said"), [("IHE_XDM.zip", True), ("ihe_xdm.ZIP", True), ("photos.zip", False)])
def test_the_name_of_an_archive_is_known_in_any_case(name: str, said: bool) -> None:
    assert is_xdm_name(name) is said


def test_reading_writes_nothing(tmp_path: Path) -> None:
    """The reader works in memory: in an empty folder, it leaves an empty folder, also for an archive that means harm."""
    archive = tmp_path.parent / f"{tmp_path.name}.zip"
    archive.write_bytes(write_zip([("../intrus.txt", b"x"), ("README.TXT", b"x")]))
    before = sorted(path.name for path in tmp_path.parent.iterdir())
    code = (
        "import sys; from conformance.exchange.xdm import read_archive\n"
        "from conformance.core.errors import DocumentError\n"
        "try:\n    read_archive(open(sys.argv[1], 'rb').read())\n"
        "except DocumentError as error:\n    print(error.code)"
    )
    root = Path(__file__).resolve().parents[2]
    run = subprocess.run(
        [sys.executable, "-c", code, str(archive)], cwd=tmp_path, env={"PYTHONPATH": str(root)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout.strip() == "archive.zip-slip"
    assert list(tmp_path.iterdir()) == []
    assert sorted(path.name for path in tmp_path.parent.iterdir()) == before
