"""Packs are registered as copies with a hash; archives and addresses are opened with care."""

from __future__ import annotations

import json
import shutil
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from conformance.cda.reading import read_document
from conformance.core.errors import UsageError
from conformance.core.verdicts import Verdict
from conformance.validation.packs import archive
from conformance.validation.packs.errors import HostilePack
from conformance.validation.packs.official import close_engines, official_findings
from conformance.validation.packs.registry import add_pack, open_pack, packs_folder, registered, remove_pack
from tests.packs.documents import VALID

pytest.importorskip("saxonche", reason="the official rules need the extra packs")

RULE = '<pattern id="p"><rule context="c:a"><assert test="@x">x</assert></rule></pattern>'


@pytest.fixture
def zipped(small: Path, tmp_path: Path) -> Path:
    """The small pack as an archive with one folder at its top."""
    return Path(shutil.make_archive(str(tmp_path / "Small Pack-1.0"), "zip", small.parent, small.name))


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Callable[[Path], str]]:
    """Serves a file over HTTP on this machine."""
    folder = tmp_path / "web"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def serve(file: Path) -> str:
        shutil.copy(file, folder / file.name.replace(" ", "-"))
        return f"http://127.0.0.1:{server.server_address[1]}/{file.name.replace(' ', '-')}"

    yield serve
    server.shutdown()


def test_a_registered_pack_is_listed_with_what_it_holds(small: Path) -> None:
    add_pack(str(small), "mine")
    (record,) = registered()
    assert (record.name, len(record.manifest.schematrons), len(record.manifest.volets)) == ("mine", 6, 4)
    assert record.manifest.schema == "infrastructure/cda/CDA_extended.xsd"
    assert record.manifest.value_sets == 3
    assert set(record.broken) == {"schematrons/CI-SIS_BIO-CR-BIO_2023.01.sch", "schematrons/CI-SIS_LDL-EES_2022.01.sch"}
    assert len(record.hash) == 64


def test_a_registered_pack_judges_and_is_named_in_the_result(small: Path) -> None:
    record = add_pack(str(small), "mine")
    result = official_findings(read_document(VALID.encode()), open_pack())
    close_engines()
    assert result.verdict is Verdict.PASS
    assert (result.pack, result.pack_hash) == ("mine", record.hash)


def test_a_schematron_that_is_known_not_to_load_is_not_run_for_any_document(write_pack: Callable[..., Path]) -> None:
    slip = RULE + '<pattern id="q"><rule context="c:never"><assert test="count(">x</assert></rule></pattern>'
    add_pack(str(write_pack({"rules.sch": slip})), "mine")
    result = official_findings(
        read_document(b'<ClinicalDocument xmlns="urn:hl7-org:v3"><a x="1"/></ClinicalDocument>'), open_pack("mine")
    )
    close_engines()
    assert result.verdict is Verdict.NOT_CHECKED


def test_the_copy_does_not_follow_the_original(write_pack: Callable[..., Path]) -> None:
    folder = write_pack({"rules.sch": RULE})
    before = add_pack(str(folder), "before")
    (folder / "rules.sch").write_text((folder / "rules.sch").read_text().replace("@x", "@y"))
    after = add_pack(str(folder), "after")
    assert before.hash != after.hash
    document = read_document(b'<ClinicalDocument xmlns="urn:hl7-org:v3"><a x="1"/></ClinicalDocument>')
    verdicts = [official_findings(document, open_pack(name)).verdict for name in ("before", "after")]
    close_engines()
    assert verdicts == [Verdict.PASS, Verdict.FAIL]


def test_the_same_rules_have_the_same_hash_from_folder_and_archive(small: Path, zipped: Path) -> None:
    assert add_pack(str(small), "folder").hash == add_pack(str(zipped), "archive").hash


def test_the_name_is_made_from_the_origin(zipped: Path) -> None:
    assert add_pack(str(zipped)).name == "small-pack-1.0"


def test_a_pack_can_be_taken_off_an_address(zipped: Path, web: Callable[[Path], str]) -> None:
    assert len(add_pack(web(zipped), "web").manifest.schematrons) == 6


def test_an_address_without_encryption_is_refused_unless_on_this_machine() -> None:
    with pytest.raises(UsageError, match=r"pack\.address|https"):
        add_pack("http://example.test/pack.zip", "web")


def test_an_address_that_does_not_answer_is_told_in_a_sentence(web: Callable[[Path], str], zipped: Path) -> None:
    address = web(zipped).rpartition("/")[0] + "/nothing.zip"
    with pytest.raises(UsageError) as caught:
        add_pack(address, "web")
    assert caught.value.code == "pack.download"


def test_a_removed_pack_leaves_nothing(small: Path) -> None:
    add_pack(str(small), "mine")
    remove_pack("mine")
    assert registered() == []
    assert not list(packs_folder().iterdir())


def test_a_name_that_is_taken_is_not_overwritten(small: Path, write_pack: Callable[..., Path]) -> None:
    before = add_pack(str(small), "mine")
    with pytest.raises(UsageError) as caught:
        add_pack(str(write_pack({"rules.sch": RULE})), "mine")
    assert caught.value.code == "pack.name-taken"
    assert registered() == [before]


def test_a_name_cannot_lead_elsewhere(small: Path) -> None:
    with pytest.raises(UsageError) as caught:
        add_pack(str(small), "../elsewhere")
    assert caught.value.code == "pack.name"


def test_a_folder_without_schematrons_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        add_pack(str(tmp_path), "mine")
    assert caught.value.code == "pack.no-schematron"
    assert registered() == []


def test_without_a_pack_the_way_to_get_one_is_told() -> None:
    with pytest.raises(UsageError) as caught:
        open_pack()
    assert "segur pack add" in caught.value.hint.en


def test_among_several_packs_one_must_be_chosen(small: Path, write_pack: Callable[..., Path]) -> None:
    add_pack(str(small), "one")
    add_pack(str(write_pack({"rules.sch": RULE})), "two")
    with pytest.raises(UsageError) as caught:
        open_pack()
    assert "one, two" in caught.value.hint.en
    assert open_pack("two").name == "two"


def test_the_environment_names_a_folder(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGUR_PACK_DIR", str(small))
    assert open_pack().source.root == small.resolve()


def test_a_torn_record_is_no_pack(small: Path) -> None:
    add_pack(str(small), "mine")
    (packs_folder() / "mine" / "pack.json").write_text('{"name": "mi')
    assert registered() == []


# Archives ----------------------------------------------------------------------------------------------------


def make_zip(path: Path, entries: dict[str, str], links: dict[str, str] | None = None) -> Path:
    with zipfile.ZipFile(path, "w") as out:
        for name, text in entries.items():
            out.writestr(name, text)
        for name, target in (links or {}).items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            out.writestr(info, target)
    return path


@pytest.mark.parametrize(
    "name", ["../../evil.sch", "/evil.sch", "a/../../evil.sch", "..\\..\\evil.sch", "C:\\evil.sch"]
)
def test_an_archive_that_writes_outside_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(HostilePack):
        add_pack(str(make_zip(tmp_path / "p.zip", {"rules.sch": RULE, name: RULE})), "mine")
    assert registered() == []


def test_an_archive_with_a_link_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HostilePack):
        add_pack(str(make_zip(tmp_path / "p.zip", {"rules.sch": RULE}, {"link.sch": "/etc/passwd"})), "mine")


def test_an_archive_that_swells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST_ARCHIVE", 10_000)
    with pytest.raises(HostilePack) as caught:
        add_pack(str(make_zip(tmp_path / "p.zip", {"rules.sch": RULE, "big.xml": "x" * 100_000})), "mine")
    assert caught.value.code == "pack.refused.too-large"


def test_a_file_that_is_no_archive_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "p.zip").write_text("no archive")
    with pytest.raises(UsageError) as caught:
        add_pack(str(tmp_path / "p.zip"), "mine")
    assert caught.value.code == "pack.not-a-zip"


def test_the_record_is_plain_json(small: Path) -> None:
    record = add_pack(str(small), "mine")
    assert json.loads(json.dumps(record.to_json()))["manifest"]["value_sets"] == 3


def test_a_copy_that_was_changed_is_not_run_under_the_old_hash(small: Path) -> None:
    add_pack(str(small), "mine")
    file = packs_folder() / "mine/files/schematrons/profils/IHE.sch"
    file.write_text(file.read_text("utf-8") + "<!-- changed -->", "utf-8")
    with pytest.raises(UsageError) as caught:
        open_pack("mine")
    assert caught.value.code == "pack.changed"


def test_a_file_put_into_the_copy_is_seen(small: Path) -> None:
    add_pack(str(small), "mine")
    (packs_folder() / "mine/files/jeuxDeValeurs/JDV_New.xml").write_text("<v/>", "utf-8")
    with pytest.raises(UsageError):
        open_pack("mine")


def test_a_copy_that_was_only_touched_is_still_the_same(small: Path) -> None:
    add_pack(str(small), "mine")
    (packs_folder() / "mine/files/schematrons/profils/IHE.sch").touch()
    assert open_pack("mine").hash


def test_what_loads_is_looked_at_again_in_another_engine(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_pack(str(small), "mine")
    assert open_pack("mine").verified
    monkeypatch.setattr("conformance.validation.packs.registry.engine_version", lambda: "99")
    assert not open_pack("mine").verified
    assert not open_pack("mine").broken


def test_of_two_registrations_at_once_one_wins_and_is_whole(write_pack: Callable[..., Path]) -> None:
    folder = write_pack({"rules.sch": RULE})
    ends: list[str] = []

    def add() -> None:
        try:
            add_pack(str(folder), "mine")
            ends.append("added")
        except UsageError as error:
            ends.append(error.code)

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["added", "pack.name-taken"]
    assert open_pack("mine").verified
    assert [path.name for path in packs_folder().iterdir()] == ["mine"]


def test_a_data_folder_that_cannot_be_written_is_said(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("SEGUR_DATA_DIR", str(tmp_path / "file"))
    with pytest.raises(UsageError) as caught:
        add_pack(str(small), "mine")
    assert caught.value.code == "pack.data-folder"
    assert "SEGUR_DATA_DIR" in caught.value.hint.en


def test_a_file_address_is_a_folder_or_an_archive(small: Path, zipped: Path) -> None:
    assert add_pack(small.as_uri(), "folder").hash == add_pack(zipped.as_uri(), "archive").hash


@pytest.mark.parametrize(
    "entries", [{"a.sch": "x", "a.sch/b.sch": "x"}, {"x.sch/b.sch": "x", "x.sch": "x"}, {"b" * 300 + ".sch": "x"}]
)
def test_an_archive_that_cannot_be_unpacked_is_said(tmp_path: Path, entries: dict[str, str]) -> None:
    file = tmp_path / "odd.zip"
    with zipfile.ZipFile(file, "w") as made:
        for name, text in entries.items():
            made.writestr(name, text)
    with pytest.raises(UsageError) as caught:
        add_pack(str(file), "odd")
    assert caught.value.code == "pack.cannot-unpack"


def test_an_archive_with_damaged_content_is_said(tmp_path: Path) -> None:
    file = tmp_path / "damaged.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.sch", RULE * 50)
    data = bytearray(file.read_bytes())
    data[50:60] = b"\xff" * 10
    file.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        add_pack(str(file), "damaged")
    assert caught.value.code == "pack.not-a-zip"


def test_names_in_utf_8_without_the_mark_are_read(tmp_path: Path, write_pack: Callable[..., Path]) -> None:
    (source,) = write_pack({"rules.sch": RULE}).iterdir()
    file = tmp_path / "mac.zip"
    with zipfile.ZipFile(file, "w") as made:
        made.write(source, "rXgle.sch")
    file.write_bytes(file.read_bytes().replace(b"rXgle.sch", "r\u00e9gl.sch".encode()))
    record = add_pack(str(file), "mac")
    assert [info.path for info in record.manifest.schematrons] == ["r\u00e9gl.sch"]


def test_an_archive_given_for_a_folder_is_told_what_it_is(zipped: Path) -> None:
    with pytest.raises(UsageError) as caught:
        open_pack(str(zipped))
    assert caught.value.code == "pack.is-a-file"


def test_rules_that_lie_beside_an_engine_are_still_rules(write_pack: Callable[..., Path]) -> None:
    record = add_pack(str(write_pack({"all/iso_svrl_for_xslt2.xsl": "<x/>", "all/rules.sch": RULE})), "mixed")
    assert [info.path for info in record.manifest.schematrons] == ["all/rules.sch"]
