"""Content credentials: a film signed last, with a person's certificate, and read back (needs the extra `c2pa`).

Anything that writes the film anew drops the credential, so signing is the last thing that happens to a file. Nothing is
sent anywhere: no time-stamp authority is asked, and nothing remote is fetched.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from reelgraph.video_tools.atomic import staged_file
from reelgraph.video_tools.errors import InvalidRequest

Algorithm = Literal["es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519"]


@dataclass(frozen=True)
class Credential:
    """What a signed file says of itself.

    Attributes:
        state: `Valid` (whole, signer not on a trust list), `Trusted` (whole, signer known) or `Invalid`.
        issuer: Whom the certificate names.
        source_type: The IPTC digital source type of the film, if it says one.
        claims: The provenance that was signed with it.
        faults: What failed when it was checked.
    """

    state: str
    issuer: str
    source_type: str
    claims: dict[str, Any]
    faults: list[str]


def sign(
    film: Path, out: Path, provenance: dict[str, Any], *, certificates: Path, key: Path, algorithm: Algorithm = "es256"
) -> Path:
    """Write a signed copy of a film, in one step.

    Args:
        film: A finished film.
        out: Where the signed one goes; may be `film` itself.
        provenance: As `editing.provenance.provenance` says it; signed along.
        certificates: PEM, the signer's first, then those that vouch for it.
        key: The signer's private key, PEM.
        algorithm: What the key is for.

    Raises:
        InvalidRequest: The extra is not installed, or the certificate or key will not do.
    """
    c2pa = _library()
    source = provenance.get("digital_source_type")
    created: dict[str, Any] = {"action": "c2pa.created"}
    if source:
        created["digitalSourceType"] = source
    manifest = {
        "claim_generator_info": [{"name": "reelgraph"}],
        "title": out.name,
        "format": "video/mp4",
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [created]}},
            {"label": "org.reelgraph.provenance", "data": provenance},
        ],
    }
    try:
        info = c2pa.C2paSignerInfo(algorithm, certificates.read_bytes(), key.read_bytes(), None)
        with staged_file(out) as temporary:
            temporary.unlink()
            with c2pa.Signer.from_info(info) as signer, c2pa.Builder(json.dumps(manifest)) as builder:
                builder.sign_file(film, temporary, signer)
    except OSError as error:
        raise InvalidRequest(f"the certificate or key cannot be read: {error}") from error
    except c2pa.C2paError as error:
        raise InvalidRequest(f"{film.name} could not be signed: {' '.join(str(error).split())}") from error
    return out


def read_credential(film: Path) -> Credential | None:
    """Read and check a film's credential; None if it has none.

    Raises:
        InvalidRequest: The extra is not installed, or the credential cannot be read.
    """
    c2pa = _library()
    try:
        offline = c2pa.Context.from_dict({"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}})
        with offline, c2pa.Reader(film, context=offline) as reader:
            said = json.loads(reader.json())
    except c2pa.C2paError as error:
        if "ManifestNotFound" in type(error).__name__ or "no JUMBF" in str(error):
            return None
        raise InvalidRequest(f"{film.name}: {' '.join(str(error).split())}") from error
    active = said["manifests"][said["active_manifest"]]
    assertions = {a["label"]: a["data"] for a in active.get("assertions", [])}
    actions = [a for label, data in assertions.items() if label.startswith("c2pa.actions") for a in data["actions"]]
    results = said.get("validation_results", {}).get("activeManifest", {})
    return Credential(
        state=said.get("validation_state", "Invalid"),
        issuer=active.get("signature_info", {}).get("issuer", ""),
        source_type=next((a["digitalSourceType"] for a in actions if "digitalSourceType" in a), ""),
        claims=assertions.get("org.reelgraph.provenance", {}),
        faults=[f"{f['code']}: {f.get('explanation', '')}" for f in results.get("failure", [])],
    )


def _library() -> Any:
    try:
        import c2pa  # type: ignore[import-not-found,import-untyped,unused-ignore]  # an extra
    except ModuleNotFoundError as error:
        raise InvalidRequest("content credentials need the extra: pip install 'reelgraph[c2pa]'") from error
    return c2pa
