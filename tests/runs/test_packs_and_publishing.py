"""Files under their hash, and finished periods copied to an address."""

import hashlib
import json

import fsspec
import pytest
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from chiso.errors import ChisoError
from chiso.runs import packs
from chiso.runs.packs import Pack, Store
from chiso.runs.publish import publish


class Share(LocalFileSystem):
    """A folder that never replaces a file by moving another there, as shares of Windows do not."""

    protocol = "share"

    def mv(self, source, place, **settings):
        if self.exists(place):
            raise FileExistsError(place)
        super().mv(source, place, **settings)


@pytest.fixture(params=["memory", "file", "dir", "share", "path"])
def address(request, tmp_path):
    """A folder that no other test has, behind each kind of address."""
    fsspec.register_implementation("share", Share, clobber=True)
    there = tmp_path / "there"
    kinds = {"memory": f"memory://{tmp_path.name}", "dir": f"dir://inner::{there.as_uri()}", "path": str(there)}
    return kinds.get(request.param, there.as_uri().replace("file:", f"{request.param}:"))


@pytest.fixture
def in_memory(tmp_path):
    """A folder in memory that no other test has."""
    return f"memory://{tmp_path.name}"


def at(address):
    files, root = url_to_fs(address)
    return {name.removeprefix(f"{root}/"): files.cat_file(name) for name in files.find(root)}


def period(folder, **content):
    folder.mkdir(exist_ok=True)
    outputs = {}
    for name, words in content.items():
        (folder / f"{name}.html").write_text(words, encoding="utf-8")
        outputs[f"{name}.html"] = hashlib.sha256(words.encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps({"outputs": outputs}), encoding="utf-8")
    return folder


def test_a_pack_is_laid_out_once_and_its_files_are_checked(tmp_path):
    files = {"a.txt": b"one", "b/c.txt": b"two"}
    pack, asked = Pack.of(files), []

    def content(name, sha):
        asked.append(name)
        return files[name]

    place = pack.lay_out(tmp_path, content)
    assert pack.lay_out(tmp_path, content) == place and asked == ["a.txt", "b/c.txt"]
    assert (place / "b" / "c.txt").read_bytes() == b"two"
    with pytest.raises(ValueError, match="a.txt"):
        Pack.of({"a.txt": b"three"}).lay_out(tmp_path, content)
    assert [f.name for f in tmp_path.iterdir() if f.name != "project"] == [place.name]


def test_a_store_takes_a_file_once_whatever_it_is_called(address):
    store, files = Store(address), {"a": b"same", "b": b"same", "c": b"other"}
    pack = Pack.of(files)
    assert (store.put(pack, files), store.put(pack, files)) == (2, 0)
    assert store.get(pack.index["c"]) == b"other"
    assert len(at(address)) == 2
    with pytest.raises(OSError):
        store.get("0" * 64)


def test_only_what_changed_is_sent_and_what_is_gone_goes(tmp_path, address):
    assert publish(period(tmp_path / "p", a="1", b="2"), address, "2024-Q4") == (2, 0)
    assert publish(tmp_path / "p", address, "2024-Q4") == (0, 0)
    assert publish(period(tmp_path / "p", a="1", c="3"), address, "2024-Q4") == (1, 1)
    assert at(address).keys() == {"2024-Q4/a.html", "2024-Q4/c.html", "2024-Q4/manifest.json"}
    assert at(address)["2024-Q4/c.html"] == b"3"


def test_the_manifest_is_the_last_file(tmp_path, in_memory, monkeypatch):
    moved, move = [], packs.take_place

    def moving(files, source, place):
        moved.append(place.rsplit("/", 1)[1])
        move(files, source, place)

    monkeypatch.setattr("chiso.runs.publish.take_place", moving)
    publish(period(tmp_path / "p", x="1", a="2"), in_memory, "2024-Q4")
    assert moved == ["a.html", "x.html", "manifest.json"]


@pytest.mark.parametrize("count", range(6))
def test_a_connection_that_is_lost_costs_nothing_that_was_published(tmp_path, address, monkeypatch, count):
    """It is lost after so many files were sent or moved; the two changed files and the manifest are sent first."""
    publish(period(tmp_path / "p", a="1", b="1", c="1"), address, "2024-Q4")
    before = at(address)
    acted = []

    def until_lost(act):
        def work(*words):
            if len(acted) >= count:
                raise OSError("lost")
            acted.append(words)
            act(*words)

        return work

    with monkeypatch.context() as patch:
        for name in ("put", "put_whole", "take_place"):
            patch.setattr(f"chiso.runs.publish.{name}", until_lost(getattr(packs, name)))
        with pytest.raises(ChisoError, match="lost"):
            publish(period(tmp_path / "p", a="2", b="2"), address, "2024-Q4")
    if count < 4:
        assert at(address) == before
    else:
        assert json.loads(at(address)["2024-Q4/manifest.json"])["outputs"]["a.html"] == ""
    files, root = url_to_fs(address)
    packs.put(files, f"{root}/2024-Q4/.incoming/a.html", b"sent by one whose power was cut")
    publish(period(tmp_path / "p", a="1", b="1", c="1"), address, "2024-Q4")  # what was there has come back
    assert at(address) == before


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"outputs": [1]}', '{"outputs": {"../other.txt": "", "/other.txt": ""}}']
)
def test_a_strange_manifest_at_the_address_removes_nothing_beside(tmp_path, content):
    there = tmp_path / "there"
    (there / "2024-Q4").mkdir(parents=True)
    (there / "other.txt").write_text("kept", encoding="utf-8")
    (there / "2024-Q4" / "manifest.json").write_text(content, encoding="utf-8")
    assert publish(period(tmp_path / "p", a="1"), str(there), "2024-Q4") == (1, 0)
    assert (there / "other.txt").read_text(encoding="utf-8") == "kept"


def test_an_address_of_no_known_kind_is_told(tmp_path):
    with pytest.raises(ChisoError, match="nowhere"):
        publish(period(tmp_path / "p", a="1"), "nowhere://folder", "2024-Q4")


def test_a_run_leaves_the_same_files_at_the_address(chiso, data, out, few, tmp_path):
    address = (tmp_path / "there").as_uri()
    words = ("run", "2024-Q4", "--data", data, "--out", out, "--component", "overview", "--publish", address)
    code, told, _ = chiso(*words)
    assert code == 0 and f"Đã sao chép tới {address}" in told
    record = json.loads((out / "2024-Q4" / "manifest.json").read_text(encoding="utf-8"))
    there = {file.relative_to(tmp_path / "there" / "2024-Q4").as_posix() for file in (tmp_path / "there").rglob("*.*")}
    assert there == {*record["outputs"], "manifest.json"}
    assert chiso("verify", "2024-Q4", "--out", tmp_path / "there", "--data", data)[0] == 0
    assert ": 0 tệp" in chiso(*words)[1]
