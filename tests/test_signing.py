"""Content credentials: signed with a chain made here, read back whole, and broken when a byte is changed."""

import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from editing_rig import Shelf

from reelgraph.video_tools.editing.media import decode
from reelgraph.video_tools.editing.provenance import provenance
from reelgraph.video_tools.editing.render import render_cut
from reelgraph.video_tools.editing.signing import read_credential, sign
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Clip, Cut

extra = pytest.mark.skipif(find_spec("c2pa") is None, reason="needs the extra c2pa")


def chain(folder: Path) -> tuple[Path, Path]:
    """Make a root and a signer's certificate with the uses that C2PA asks for."""
    folder.mkdir()

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)

    (folder / "ca.ext").write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n")
    (folder / "me.ext").write_text(
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=emailProtection\n"
        "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
    )
    for name in ("ca", "me"):
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{name}.key")
        openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/O=Test {name}/CN=Test {name}", "-out", f"{name}.csr")
    openssl(
        "x509", "-req", "-in", "ca.csr", "-signkey", "ca.key", "-days", "30", "-extfile", "ca.ext", "-out", "ca.pem"
    )
    openssl("x509", "-req", "-in", "me.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-extfile", "me.ext", "-out", "me.pem")  # fmt: skip
    (folder / "chain.pem").write_text((folder / "me.pem").read_text() + (folder / "ca.pem").read_text())
    return folder / "chain.pem", folder / "me.key"


@extra
def test_signed_film_is_read_back_and_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "takes")
    take = shelf.add("a", 24)
    cut = Cut.model_validate({"number": 1, "width": 128, "height": 96, "rate": 24,
                              "clips": [Clip(shot="s01-01", take=take.key, frames=24)]})  # fmt: skip
    film, signed = tmp_path / "film.mp4", tmp_path / "signed.mp4"
    render_cut(cut, shelf, tmp_path / "r", film)
    assert read_credential(film) is None
    certificates, key = chain(tmp_path / "keys")
    claims = provenance(cut, shelf, None, film)
    sign(film, signed, claims, certificates=certificates, key=key)
    found = read_credential(signed)
    assert (
        found is not None and found.state == "Valid" and found.faults == [f for f in found.faults if "untrusted" in f]
    )
    assert found.issuer == "Test me" and found.source_type.endswith("/trainedAlgorithmicMedia")
    assert found.claims["takes"][take.key]["content"] == take.content
    assert len(list(decode(signed))) == 24
    data = bytearray(signed.read_bytes())
    data[data.rindex(b"mdat") + 200] ^= 1
    signed.write_bytes(data)
    broken = read_credential(signed)
    assert broken is not None and broken.state == "Invalid" and broken.faults


@extra
def test_bad_key_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"no film")
    (tmp_path / "bad.pem").write_text("nothing")
    with pytest.raises(InvalidRequest, match="could not be signed"):
        sign(
            tmp_path / "film.mp4", tmp_path / "out.mp4", {}, certificates=tmp_path / "bad.pem", key=tmp_path / "bad.pem"
        )
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.skipif(find_spec("c2pa") is not None, reason="the extra c2pa is installed")
def test_missing_extra_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"reelgraph\[c2pa\]"):
        read_credential(tmp_path / "film.mp4")
