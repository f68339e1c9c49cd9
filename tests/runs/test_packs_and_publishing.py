"""Files under their hash, and finished periods copied to an address."""

import hashlib
import json

import fsspec
import pytest

from chiso.errors import ChisoError
from chiso.runs.packs import Pack, Store
from chiso.runs.publish import publish


@pytest.fixture
def address(tmp_path):
    """A folder in memory that no other test has."""
    return f"memory://{tmp_path.name}"


def at(address):
    files = fsspec.filesystem("memory")
    root = "/" + address.removeprefix("memory://")
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


def test_the_manifest_is_the_last_file(tmp_path, address, monkeypatch):
    sent = []
    monkeypatch.setattr("chiso.runs.publish.put_whole", lambda files, place, content: sent.append(place))
    publish(period(tmp_path / "p", x="1", a="2"), address, "2024-Q4")
    assert [place.rsplit("/", 1)[1] for place in sent] == ["a.html", "x.html", "manifest.json"]


def test_an_address_of_no_known_kind_is_told(tmp_path):
    with pytest.raises(ChisoError, match="nowhere"):
        publish(period(tmp_path / "p", a="1"), "nowhere://folder", "2024-Q4")
