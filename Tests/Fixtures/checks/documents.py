"""Checks the documents of OCI layouts against the image-spec's own JSON schemas.

usage: documents.py SCHEMAS LAYOUT...
Prints a line for each mistake, and ends with status 1 when there is one.
"""

import json
import pathlib
import sys

from jsonschema import Draft4Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4


def without_ids(node):
    """The schemas' nested ids would re-base the relative references between the files."""
    if isinstance(node, dict):
        return {
            key: without_ids(value)
            for key, value in node.items()
            if not (key == "id" and isinstance(value, str) and value.startswith("https://opencontainers.org"))
        }
    if isinstance(node, list):
        return [without_ids(value) for value in node]
    return node


class Schemas:
    def __init__(self, folder):
        files = sorted(pathlib.Path(folder).glob("*.json"))
        if not files:
            sys.exit(f"no schemas in {folder}")
        resources = [
            (file.name, Resource.from_contents(without_ids(json.loads(file.read_text())), DRAFT4))
            for file in files
        ]
        self.registry = Registry().with_resources(resources)

    def mistakes(self, schema, document):
        return list(Draft4Validator({"$ref": schema}, registry=self.registry).iter_errors(document))


def documents(layout):
    """Every document of a layout, with its schema and what to call it."""
    root = pathlib.Path(layout)

    def load(path):
        return json.loads((root / path).read_bytes())

    def blob(descriptor):
        return load("blobs/" + descriptor["digest"].replace(":", "/"))

    yield "image-layout-schema.json", "oci-layout", load("oci-layout")
    index = load("index.json")
    yield "image-index-schema.json", "index.json", index
    for descriptor in index["manifests"]:
        yield "content-descriptor.json", "descriptor", descriptor
        manifest = blob(descriptor)
        yield "image-manifest-schema.json", "manifest", manifest
        yield "config-schema.json", "config", blob(manifest["config"])


def main(folder, layouts):
    schemas = Schemas(folder)
    # A validator that finds nothing in nonsense would find nothing in ours either.
    if not schemas.mistakes("image-manifest-schema.json", {"schemaVersion": "2", "layers": []}):
        sys.exit("the schemas accept everything")
    found = 0
    for layout in layouts:
        for schema, name, document in documents(layout):
            for mistake in schemas.mistakes(schema, document):
                print(f"{layout}: {name}: {mistake.json_path}: {mistake.message}")
                found += 1
    sys.exit(1 if found else 0)


main(sys.argv[1], sys.argv[2:])
