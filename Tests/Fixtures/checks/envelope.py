"""Verifies envelopes with securesystemslib, and reads their statements with in-toto's own package.

usage: envelope.py PUBLIC-KEY FILE...
       envelope.py sign STATEMENT KEY-OUT PUBLIC-OUT ENVELOPE-OUT
"""

import base64
import json
import sys

import google.protobuf.json_format as json_format
import in_toto_attestation.v1.statement_pb2 as statement_pb2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey
from sigstore_models.bundle.v1 import Bundle


def named_by_nothing(public):
    key = SSlibKey.from_crypto(public)
    return SSlibKey("", key.keytype, key.scheme, key.keyval)


def verify(key, path):
    count = 0
    with open(path, "rb") as file:
        for line in file.read().splitlines():
            document = json.loads(line)
            if "dsseEnvelope" in document:
                Bundle.from_json(line)
                document = dict(document["dsseEnvelope"])
                document["signatures"] = [{"keyid": "", **entry} for entry in document["signatures"]]
            assert list(Envelope.from_dict(json.loads(json.dumps(document))).verify([key], 1))
            statement = json_format.Parse(base64.b64decode(document["payload"]), statement_pb2.Statement())
            Statement.copy_from_pb(statement).validate()
            count += 1
    assert count, "no envelope"


def sign(statement, key_path, public_path, envelope_path):
    private = ec.generate_private_key(ec.SECP256R1())
    with open(key_path, "wb") as file:
        file.write(private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                         serialization.NoEncryption()))
    with open(public_path, "wb") as file:
        file.write(private.public_key().public_bytes(serialization.Encoding.PEM,
                                                     serialization.PublicFormat.SubjectPublicKeyInfo))
    with open(statement, "rb") as file:
        envelope = Envelope(file.read(), "application/vnd.in-toto+json", {})
    envelope.sign(CryptoSigner(private))
    with open(envelope_path, "w") as file:
        json.dump(envelope.to_dict(), file)


if sys.argv[1] == "sign":
    sign(*sys.argv[2:])
else:
    with open(sys.argv[1], "rb") as file:
        trusted = named_by_nothing(serialization.load_pem_public_key(file.read()))
    for path in sys.argv[2:]:
        verify(trusted, path)
