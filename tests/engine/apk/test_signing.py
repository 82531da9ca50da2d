"""A key of this user's own signs by schemes v2 and v3, and what was signed is checked."""

import datetime as dt
import hashlib
import os
import stat
import struct
import threading
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.apk import signature_block
from engine.apk.signing import KEY_NAME, SigningKey, sign_apk, verify_apk
from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.paths import config_dir

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")


class TestKey:
    """The key is made once and only its owner can read it."""

    def test_the_same_key_comes_back(self, tmp_path):
        path = tmp_path / "key.pem"

        made = SigningKey.load_or_create(path)

        assert SigningKey.load_or_create(path).to_pem() == made.to_pem() == path.read_bytes()
        assert list(tmp_path.iterdir()) == [path]

    def test_it_lies_in_the_settings_folder(self, tmp_path, monkeypatch):
        monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path))

        SigningKey.load_or_create()

        assert (config_dir() / KEY_NAME).is_file()

    @posix
    def test_only_the_owner_can_read_it_from_the_start(self, tmp_path, monkeypatch):
        modes = []
        real_open = os.open

        def watching(path, flags, mode=0o777, **kwargs):
            descriptor = real_open(path, flags, mode, **kwargs)
            if str(path).startswith(str(tmp_path)):
                modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
            return descriptor

        monkeypatch.setattr(os, "open", watching)
        before = os.umask(0)
        try:
            SigningKey.load_or_create(tmp_path / "key.pem")
        finally:
            os.umask(before)

        assert modes == [0o600]
        assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600

    @posix
    def test_a_key_that_others_could_read_is_closed(self, tmp_path, key):
        path = tmp_path / "key.pem"
        path.write_bytes(key.to_pem())
        path.chmod(0o644)

        SigningKey.load_or_create(path)

        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_labs_that_make_it_at_once_get_the_same(self, tmp_path):
        gate = threading.Barrier(4)
        keys = []

        def make() -> None:
            gate.wait()
            keys.append(SigningKey.load_or_create(tmp_path / "key.pem").certificate_sha256)

        threads = [threading.Thread(target=make) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(keys) == 4
        assert len(set(keys)) == 1
        assert len(list(tmp_path.iterdir())) == 1

    def test_it_is_made_where_there_are_no_hard_links(self, tmp_path, monkeypatch):
        def refuse(_self, _target):
            raise PermissionError("Operation not permitted")

        monkeypatch.setattr(Path, "hardlink_to", refuse)
        path = tmp_path / "key.pem"

        made = SigningKey.load_or_create(path)

        assert SigningKey.load_or_create(path).certificate == made.certificate
        assert list(tmp_path.iterdir()) == [path]

    def test_it_is_rsa_2048_and_good_for_25_years(self, key):
        valid = key.certificate.not_valid_after_utc - key.certificate.not_valid_before_utc

        assert key.private_key.key_size == 2048
        assert valid.days > 25 * 365.25
        assert key.certificate.issuer == key.certificate.subject
        key.certificate.verify_directly_issued_by(key.certificate)

    @pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\nAA\n"])
    def test_a_damaged_key_is_named_and_kept(self, tmp_path, content):
        path = tmp_path / "key.pem"
        path.write_bytes(content)

        with pytest.raises(LabError, match="not usable"):
            SigningKey.load_or_create(path)
        assert path.read_bytes() == content

    def test_a_certificate_of_another_key_is_refused(self, key):
        other = SigningKey.generate()
        mixed = SigningKey(other.private_key, key.certificate).to_pem()

        with pytest.raises(LabError) as refused:
            SigningKey.from_pem(mixed, "key.pem")
        assert "another key" in refused.value.detail

    def test_a_key_of_another_kind_is_refused(self, key):
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

        with pytest.raises(LabError) as refused:
            SigningKey.from_pem(
                pem + key.certificate.public_bytes(serialization.Encoding.PEM), "key.pem"
            )
        assert "RSA" in refused.value.detail

    def test_a_folder_that_is_not_there_is_named(self, tmp_path):
        with pytest.raises(LabError, match="cannot be read or made"):
            SigningKey.load_or_create(tmp_path / "none" / "key.pem")


def test_both_schemes_are_found_and_the_signer_is_known(lab_apk, key):
    verified = verify_apk(lab_apk)

    assert verified.schemes == ("v2", "v3")
    assert verified.certificate_sha256 == key.certificate_sha256
    assert verified.min_sdk == 24


def test_signing_again_changes_nothing(lab_apk, key, tmp_path):
    again = tmp_path / "again.apk"

    sign_apk(lab_apk, again, key)

    assert again.read_bytes() == lab_apk.read_bytes()


def test_signing_in_place_of_itself_is_possible(base, key, tmp_path):
    path = tmp_path / "a.apk"
    path.write_bytes(base.read_bytes())

    sign_apk(path, path, key)
    once = path.read_bytes()
    sign_apk(path, path, key)

    assert path.read_bytes() == once
    assert verify_apk(path).schemes == ("v2", "v3")


def test_signing_by_another_key_replaces_the_signature(lab_apk, tmp_path):
    other = SigningKey.generate()
    path = tmp_path / "other.apk"

    sign_apk(lab_apk, path, other)

    assert verify_apk(path).certificate_sha256 == other.certificate_sha256
    assert path.stat().st_size == lab_apk.stat().st_size


def test_signing_keeps_every_entry(base, key, tmp_path):
    path = tmp_path / "signed.apk"

    sign_apk(base, path, key)

    before, after = zipfile.ZipFile(base), zipfile.ZipFile(path)
    assert after.namelist() == before.namelist()
    assert all(after.read(name) == before.read(name) for name in before.namelist())


def test_the_signing_block_is_whole_pages_on_a_page(lab_apk):
    data = lab_apk.read_bytes()
    end = data.rindex(b"PK\x05\x06")
    directory = int.from_bytes(data[end + 16 : end + 20], "little")
    size = int.from_bytes(data[directory - 24 : directory - 16], "little") + 8

    assert size % 4096 == 0
    assert (directory - size) % 4096 == 0
    pairs = signature_block.decode_block(data[directory - size : directory])
    assert list(pairs) == [0x7109871A, 0xF05368C0, 0x42726577]
    assert not any(pairs[0x42726577])


@given(st.integers(0, 9000))
@settings(max_examples=60, deadline=None)
def test_a_block_of_any_content_fills_whole_pages(size):
    value = b"v" * size

    block = signature_block.encode_block([(0x7109871A, value)])

    assert len(block) % 4096 == 0
    assert signature_block.decode_block(block)[0x7109871A] == value


def test_a_signature_over_several_chunks_is_right(base, key, tmp_path, apksigner):
    big = tmp_path / "big.apk"
    big.write_bytes(base.read_bytes())
    with zipfile.ZipFile(big, "a") as apk:
        apk.writestr("assets/noise", os.urandom(3 * (1 << 20) + 17))

    sign_apk(big, big, key)

    assert verify_apk(big).schemes == ("v2", "v3")
    assert apksigner("verify", big).returncode == 0


def test_content_digest_of_small_sections_by_hand():
    """As the format's page says: 0xa5, length, chunk; then 0x5a, count, digests."""
    sections = [b"contents", b"directory", b"end"]
    chunks = b"".join(
        hashlib.sha256(b"\xa5" + struct.pack("<I", len(part)) + part).digest() for part in sections
    )
    wanted = hashlib.sha256(b"\x5a" + struct.pack("<I", 3) + chunks).digest()

    found = [signature_block.chunk_digest("sha256", part) for part in sections]

    assert signature_block.content_digest("sha256", found) == wanted


def test_an_unsigned_apk_is_said_to_be_unsigned(base):
    with pytest.raises(LabError, match="is not signed"):
        verify_apk(base)


def test_a_v3_signature_that_was_taken_out_is_missed(lab_apk, tmp_path):
    path = tmp_path / "stripped.apk"
    path.write_bytes(lab_apk.read_bytes().replace((0xF05368C0).to_bytes(4, "little"), b"none"))

    with pytest.raises(LabError, match="v3 was taken out"):
        verify_apk(path)


def test_an_apk_for_android_6_is_not_vouched_for(lab_apk):
    with pytest.raises(LabError, match="Android 6"):
        verify_apk(lab_apk, min_sdk=23)


def test_a_changed_file_is_said_to_be_changed(lab_apk, tmp_path):
    path = tmp_path / "changed.apk"
    data = bytearray(lab_apk.read_bytes())
    data[data.index(b"TFL3")] ^= 1
    path.write_bytes(data)

    with pytest.raises(LabError, match="changed after it was signed"):
        verify_apk(path)


def resigned(path, lab_apk, edit):
    """Write ``lab_apk`` with other pairs in its signing block."""
    data = lab_apk.read_bytes()
    end = data.rindex(b"PK\x05\x06")
    directory = int.from_bytes(data[end + 16 : end + 20], "little")
    size = int.from_bytes(data[directory - 24 : directory - 16], "little") + 8
    pairs = signature_block.decode_block(data[directory - size : directory])
    del pairs[signature_block.PADDING_ID]
    block = signature_block.encode_block(list(edit(pairs).items()))
    tail = data[directory:end] + signature_block.with_directory_at(
        data[end:], directory - size + len(block)
    )
    path.write_bytes(data[: directory - size] + block + tail)
    return path


def test_a_signer_of_one_scheme_and_another_of_the_other_are_refused(lab_apk, base, tmp_path):
    other = tmp_path / "other.apk"
    sign_apk(lab_apk, other, SigningKey.generate())
    others: dict[int, bytes] = {}

    def note(pairs):
        others.update(pairs)
        return pairs

    resigned(tmp_path / "noted.apk", other, note)
    mixed = resigned(
        tmp_path / "mixed.apk",
        lab_apk,
        lambda pairs: {**pairs, signature_block.V3_ID: others[signature_block.V3_ID]},
    )

    with pytest.raises(LabError, match="more than one certificate"):
        verify_apk(mixed)


def own_v3(
    key, *, algorithm=0x0103, sdks=(28, 99), outer=None, certificate=None, attributes=(), sign=None
):
    """Return a v3 value signed by ``key`` over a digest that nobody compares."""
    der = certificate or key.certificate.public_bytes(serialization.Encoding.DER)
    data = signature_block.encode_signed_data(algorithm, bytes(32), der, attributes, sdks)
    public = key.private_key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return signature_block.encode_signers(
        algorithm, data, (sign or key.sign)(data), public, outer or sdks
    )


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, "changed after it was signed"),
        ({"algorithm": 0x0999}, "kind that the lab does not know"),
        ({"algorithm": 0x0201}, "v3 signature is wrong"),
        ({"outer": (28, 100)}, "contradicts itself"),
        ({"attributes": [(0x3BA06F8C, b"")]}, "key was rotated"),
        ({"certificate": b"no certificate"}, "damaged certificate"),
    ],
)
def test_a_signer_that_lies_is_refused(lab_apk, key, tmp_path, changed, why):
    value = own_v3(key, **changed)
    path = resigned(
        tmp_path / "a.apk", lab_apk, lambda pairs: {**pairs, signature_block.V3_ID: value}
    )

    with pytest.raises(LabError, match=why):
        verify_apk(path)


@pytest.mark.parametrize(("algorithm", "salt"), [(0x0101, 32), (0x0101, 20)])
def test_a_pss_signature_has_a_salt_as_long_as_its_digest(lab_apk, key, tmp_path, algorithm, salt):
    def sign(data: bytes) -> bytes:
        scheme = padding.PSS(padding.MGF1(hashes.SHA256()), salt)
        return key.private_key.sign(data, scheme, hashes.SHA256())

    value = own_v3(key, algorithm=algorithm, sign=sign)
    path = resigned(
        tmp_path / "a.apk", lab_apk, lambda pairs: {**pairs, signature_block.V3_ID: value}
    )

    # the digest in it is nobody's: what comes after a right signature
    why = "changed after it was signed" if salt == 32 else "v3 signature is wrong"
    with pytest.raises(LabError, match=why):
        verify_apk(path)


def test_a_certificate_of_another_key_is_refused(lab_apk, key, tmp_path):
    other = SigningKey.generate().certificate.public_bytes(serialization.Encoding.DER)
    value = own_v3(key, certificate=other)
    path = resigned(
        tmp_path / "a.apk", lab_apk, lambda pairs: {**pairs, signature_block.V3_ID: value}
    )

    with pytest.raises(LabError, match="another key than its certificate"):
        verify_apk(path)


@given(st.binary(max_size=300))
def test_garbage_for_a_signer_is_refused(raw):
    for v3 in (False, True):
        try:
            signers = signature_block.decode_signers(len(raw).to_bytes(4, "little") + raw, v3=v3)
        except ValueError:
            continue
        assert isinstance(signers, tuple)


@pytest.mark.parametrize("algorithm", ["RSA 4096", "EC"])
def test_what_apksigner_signed_the_lab_verifies(base, apksigner, tmp_path, algorithm):
    path = tmp_path / "theirs.apk"
    certificate = sign_by_apksigner(apksigner, base, path, algorithm)

    assert verify_apk(path).certificate_sha256 == certificate.fingerprint(hashes.SHA256()).hex()


def sign_by_apksigner(apksigner, source, output, algorithm) -> x509.Certificate:
    private = (
        ec.generate_private_key(ec.SECP256R1())
        if algorithm == "EC"
        else rsa.generate_private_key(65537, 4096)
    )
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Theirs")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, private.public_key(), 1)
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=9))
        .sign(private, hashes.SHA256())
    )
    key_file, certificate_file = output.with_suffix(".pk8"), output.with_suffix(".pem")
    key_file.write_bytes(
        private.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    done = apksigner(
        "sign", "--v1-signing-enabled", "false", "--key", key_file,
        "--cert", certificate_file, "--out", output, source,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return certificate


def test_cancelling_a_signature_leaves_no_half_file(lab_apk, key, tmp_path):
    token = CancelToken()

    with pytest.raises(Cancelled):
        sign_apk(
            lab_apk, tmp_path / "a.apk", key, cancel=token, report=lambda _progress: token.cancel()
        )
    assert list(tmp_path.iterdir()) == []


def test_cancelling_a_check_ends_it(lab_apk):
    token = CancelToken()
    token.cancel()

    with pytest.raises(Cancelled):
        verify_apk(lab_apk, cancel=token)


def test_a_large_apk_is_streamed(base, key, tmp_path):
    large = tmp_path / "large.apk"
    large.write_bytes(base.read_bytes())
    with zipfile.ZipFile(large, "a") as apk:
        apk.writestr("assets/much", bytes(24 << 20))
    verify_apk(sign_to(large, tmp_path / "once.apk", key))  # what is loaded once, is loaded now

    tracemalloc.start()
    try:
        verify_apk(sign_to(large, tmp_path / "again.apk", key))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 16 << 20


def sign_to(source, output, key):
    sign_apk(source, output, key)
    return output
