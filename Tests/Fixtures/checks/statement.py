"""Reads provenance as in-toto's own package does, which refuses fields that it does not know.

usage: statement.py FILE...
"""

import sys

import google.protobuf.json_format as json_format
import in_toto_attestation.predicates.provenance.v1.provenance_pb2 as provenance_pb2
import in_toto_attestation.v1.statement_pb2 as statement_pb2
from in_toto_attestation.v1.statement import Statement


def check(path):
    with open(path, "rb") as file:
        statement = json_format.Parse(file.read(), statement_pb2.Statement())
    Statement.copy_from_pb(statement).validate()
    predicate = json_format.MessageToDict(statement.predicate)
    json_format.ParseDict(predicate, provenance_pb2.Provenance())


status = 0
for path in sys.argv[1:]:
    try:
        check(path)
    except Exception as mistake:  # each package has a class of its own
        print(f"{path}: {mistake}")
        status = 1
sys.exit(status)
