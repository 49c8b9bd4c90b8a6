"""A package that is handed over as a ZIP: what is damaged, forged or made to do harm is told, and no cell is quoted."""

import errno
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from clearslate.court import extras, parcel, verify_package
from clearslate.court.batch import prepare_packages
from clearslate.errors import UsageError
from clearslate.keys import action_key
from tests.support_court import line, make_release, tiny_home
from tests.support_packages import ON, decide

PAPERS = ("20_motion.pdf", "21_exhibit_public.pdf", "22_exhibit_sealed.pdf", "23_proposed_order.pdf")
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ZIP of a batch with a challenged line."""
    home = tiny_home(tmp_path_factory.mktemp("sent"))
    make_release(home, [line(1), line(2, relief="REDESIGNATE_MISD"), line(3)])
    decide(home, {"": "NO_CHALLENGE", "19-00003": "CHALLENGE"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            extras,
            "write_documents",
            lambda folder, *_: {name: (folder / name).write_bytes(b"%PDF") for name in PAPERS},
        )
        [made] = prepare_packages(home, counties=["SACRAMENTO"], on=ON, test=False, key=action_key(home)).batches
    return made.path


def forged(
    sent: Path, folder: Path, change: Callable[[Files], None], *, sealed: bool = True, name: str = ""
) -> list[str]:
    """What is told of the ZIP after a change; `sealed`: the forger makes all hashes fit."""
    with zipfile.ZipFile(sent) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    if sealed:
        manifest = json.loads(files["00_manifest.json"])
        for told, facts in manifest["files"].items():
            if told in files:
                facts |= {"sha256": hashlib.sha256(files[told]).hexdigest(), "bytes": len(files[told])}
        files["00_manifest.json"] = json.dumps(manifest, indent=2).encode()
        named = ["00_manifest.json", *manifest["files"]]
        sums = (f"{hashlib.sha256(files[told]).hexdigest()}  {told}\n" for told in named if told in files)
        files["SHA256SUMS"] = "".join(sums).encode()
    target = folder / (name or sent.name)
    with zipfile.ZipFile(target, "w") as archive:
        for told, content in files.items():
            archive.writestr(told, content)
    return verify_package(target)


def told(problems: list[str], *words: str) -> bool:
    return any(all(word in problem for word in words) for problem in problems) and "DOE" not in str(problems)


def swap(name: str, old: bytes, new: bytes) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    return change


def test_a_sound_package_is_sound_as_zip_and_as_folder(sent, tmp_path):
    assert forged(sent, tmp_path, lambda files: None) == []
    folder = tmp_path / sent.stem
    with zipfile.ZipFile(sent) as archive:
        archive.extractall(folder)
    assert verify_package(folder) == []
    assert list(tmp_path.glob(".verify-*")) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda files: files.pop("12_reversals.csv"), ("12_reversals.csv is missing",)),
        (lambda files: files.pop("20_motion.pdf"), ("20_motion.pdf is missing",)),
        (lambda files: files.update({"DOE.txt": b"x"}), ("a file too many",)),
        (lambda files: files.pop("10_relief_actions.xlsx"), ("10_relief_actions.xlsx is missing",)),
        (swap("10_relief_actions.csv", b'"NO_CHALLENGE"', b'"DEFER"'), ("row 2", "da_position")),
        (swap("10_relief_actions.csv", b'"CHALLENGE","","","NONE"', b'"DISMISS_SEAL","","","COUNT"'), ("da_position",)),
        (swap("10_relief_actions.csv", b'"DOE1"', b'"DOE9"'), ("10_relief_actions.xlsx", "not those of")),
        (swap("11_relief_cases.csv", b'"N","N","NONE"', b'"Y","N","NONE"'), ("11_relief_cases.csv row 4", "do not add up")),
        (swap("00_manifest.json", b'"kind": "batch"', b'"kind": "draft"'), ("files names others",)),
        (swap("00_manifest.json", b'"kind": "batch"', b'"kind": "other"'), ("not clearslate-court-package",)),
        (swap("00_manifest.json", b'"is_canary": true', b'"is_canary": 7'), ("is_canary",)),
        (swap("00_manifest.json", b'"sequence": 1', b'"sequence": 2'), ("batch_id differs",)),
        (swap("00_manifest.json", b'_manifest_sha256": null', b'_manifest_sha256": "0"'), ("first package",)),
        (swap("00_manifest.json", b'"waiting": 0', b'"waiting": 5'), ("accounting: ", "waiting")),
    ],
)  # fmt: skip
def test_a_forgery_is_told_even_where_every_hash_was_made_to_fit(sent, tmp_path, change, words):
    assert told(forged(sent, tmp_path, change), *words)


def test_a_changed_byte_and_another_name_are_told(sent, tmp_path):
    problems = forged(sent, tmp_path, swap("23_proposed_order.pdf", b"%", b"!"), sealed=False)
    assert told(problems, "SHA256SUMS", "23_proposed_order.pdf")
    assert told(problems, "files.23_proposed_order.pdf differs")
    assert told(forged(sent, tmp_path, lambda files: None, name="CRR-34-P64-000002_a1_P.zip"), "name is not")
    assert told(forged(sent, tmp_path, lambda files: None, name="CRR-34-P64-000001_a1_T.zip"), "name is not")
    assert forged(sent, tmp_path, lambda files: None, name="CRR-34-P64-000001_a3_P.zip") == []


@pytest.mark.parametrize(
    "name",
    ["../../etc/DOE", "/etc/DOE", "a/b/c.csv", "..", "C:DOE", "x\\y", "10_relief_actions.CSV", "é.csv", "a/../b"],
)
def test_a_zip_whose_names_lead_elsewhere_is_not_unpacked(sent, tmp_path, name):
    problems = forged(sent, tmp_path, lambda files: files.update({name: b"x"}), sealed=False)
    assert len(problems) == 1 and told(problems, sent.name)
    assert [path.name for path in tmp_path.rglob("*")] == [sent.name]


def test_a_bomb_and_what_is_no_zip_are_refused(sent, tmp_path, monkeypatch):
    monkeypatch.setattr(parcel, "MAX_BYTES", 1 << 20)
    bomb = tmp_path / "CRR-34-P64-000001_a1_P.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("20_motion.pdf", b"\0" * (2 << 20))
    assert told(verify_package(bomb), "larger than any package")
    whole = sent.read_bytes()
    damaged = [whole[:at] + b"\0" * 40 + whole[at + 40 :] for at in range(100, len(whole), len(whole) // 12)]
    for content in (b"", b"DOE", whole[:-30], *damaged):
        bomb.write_bytes(content)
        assert "DOE" not in str(verify_package(bomb)) and verify_package(bomb)


def test_a_full_disk_says_nothing_against_the_package(sent, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(parcel.shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="No space left"):
        verify_package(sent)


def test_a_folder_in_which_nothing_can_be_unpacked_is_named_with_the_mend(sent, monkeypatch):
    def refused(**_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(parcel.tempfile, "TemporaryDirectory", refused)
    with pytest.raises(UsageError, match="copy it to a folder of your own"):
        verify_package(sent)
