"""Opens and writes key files without varve, and types passwords.

usage: keys.py open KEY PUB PASSWORD         fails unless the key opens and its public key is PUB
       keys.py write KEY PUB PASSWORD [N]    writes a new key's two files as cosign does
       keys.py forms DIR                     writes keys of several kinds and forms, not encrypted
       keys.py type TEXT... -- PROGRAM...    runs a program on a terminal, types a text at each colon
"""

import base64
import hashlib
import json
import os
import pty
import re
import secrets
import sys

import nacl.secret
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, PublicFormat, load_der_private_key, load_pem_public_key)
from securesystemslib.signer import SSlibKey


def secret_box(password, salt, cost):
    key = hashlib.scrypt(password.encode(), salt=salt, n=cost, r=8, p=1, dklen=32, maxmem=300 << 20)
    return nacl.secret.SecretBox(key)


def open_key(path, public_path, password):
    text = open(path).read()
    kind, body = re.fullmatch(r"-----BEGIN ([A-Z ]+)-----\n(.*)-----END \1-----\n", text, re.S).groups()
    assert kind == "ENCRYPTED SIGSTORE PRIVATE KEY", kind
    document = json.loads(base64.b64decode("".join(body.split()), validate=True))
    kdf, cipher = document["kdf"], document["cipher"]
    assert kdf["name"] == "scrypt" and kdf["params"] == {"N": 65536, "r": 8, "p": 1}, kdf
    assert cipher["name"] == "nacl/secretbox", cipher
    box = secret_box(password, base64.b64decode(kdf["salt"]), 65536)
    der = box.decrypt(base64.b64decode(document["ciphertext"]), base64.b64decode(cipher["nonce"]))
    private = load_der_private_key(der, None)
    again = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert der == again, "not the usual PKCS#8"
    public = load_pem_public_key(open(public_path, "rb").read())
    assert private.public_key().public_numbers() == public.public_numbers(), "two keys"
    assert SSlibKey.from_crypto(public).keytype == "ecdsa"


def write_key(path, public_path, password, cost="65536"):
    private = ec.generate_private_key(ec.SECP256R1())
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    salt, nonce = secrets.token_bytes(32), secrets.token_bytes(24)
    box = secret_box(password, salt, int(cost)).encrypt(der, nonce).ciphertext
    document = json.dumps({
        "kdf": {"name": "scrypt", "params": {"N": int(cost), "r": 8, "p": 1},
                "salt": base64.b64encode(salt).decode()},
        "cipher": {"name": "nacl/secretbox", "nonce": base64.b64encode(nonce).decode()},
        "ciphertext": base64.b64encode(box).decode()}, separators=(",", ":"))
    body = base64.b64encode(document.encode()).decode()
    lines = "\n".join(body[start:start + 64] for start in range(0, len(body), 64))
    kind = "ENCRYPTED SIGSTORE PRIVATE KEY"
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n")
    write_public(public_path, private)


def write_public(path, private):
    with open(path, "wb") as file:
        file.write(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def write_forms(folder):
    keys = {
        "p256": ec.generate_private_key(ec.SECP256R1()), "p384": ec.generate_private_key(ec.SECP384R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate(), "rsa": rsa.generate_private_key(65537, 2048)}
    for name, key in keys.items():
        forms = {"pkcs8": PrivateFormat.PKCS8}
        if name != "ed25519":
            forms["own"] = PrivateFormat.TraditionalOpenSSL
        for form, kind in forms.items():
            with open(os.open(f"{folder}/{name}.{form}", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(key.private_bytes(Encoding.PEM, kind, NoEncryption()))
        write_public(f"{folder}/{name}.pub", key)


def type_texts(words):
    texts, program = words[:words.index("--")], words[words.index("--") + 1:]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(program[0], program)
    shown = b""
    pending = texts[:]
    answered = 0
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            piece = b""
        if not piece:
            break
        shown += piece
        if pending and shown[answered:].endswith(b": "):
            answered = len(shown)
            text = pending.pop(0)
            # A caret and a letter are the key that they stand for.
            typed = bytes([ord(text[1]) & 0x1f]) if re.fullmatch(r"\^[A-Z]", text) else (text + "\n").encode()
            os.write(terminal, typed)
    status = os.waitpid(child, 0)[1]
    sys.stdout.buffer.write(shown)
    sys.exit(os.waitstatus_to_exitcode(status) % 256)


{"open": open_key, "write": write_key, "forms": write_forms, "type": lambda *words: type_texts(list(words))}[
    sys.argv[1]](*sys.argv[2:])
