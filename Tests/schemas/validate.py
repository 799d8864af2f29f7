#!/usr/bin/env python3
"""Holds records to the contracts in topics/*.yaml (JSON Schema, draft 2020-12).

    validate.py check                 the contracts themselves: schemas, samples, and what the schemas must refuse
    validate.py contracts             everything the contracts say, as one JSON object
    validate.py mutants               records that must be refused, made from the samples, one JSON object a line
    validate.py records < LINES       records, one a line, as `leeway tail TOPIC --json` prints them

A line of records is {"topic": ..., "value": ..., "headers": [{"name": ..., "value": ...}, ...]}. Without "headers" the
value alone is judged. Exit status: 0 all well, 1 something is wrong (one line each on standard error), 2 wrong usage.
"""

import argparse
import json
import pathlib
import re
import sys

try:
    import jsonschema
    import yaml
    from jsonschema import Draft202012Validator
except ImportError as error:
    sys.exit(
        f"validate.py: {error}. It needs the packages of Tests/schemas/requirements.txt; "
        "Tests/schemas/validate.sh runs it with them."
    )

TOPICS = pathlib.Path(__file__).resolve().parents[2] / "topics"

PARTITIONS = {
    "type": "object",
    "required": ["default"],
    "additionalProperties": False,
    "properties": {
        "default": {"type": "integer", "minimum": 1},
        "setting": {"enum": ["topics.partitions", "topics.model_partitions"]},
    },
}
SAMPLE = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "minimal": {"const": True},
        "key": {"type": "string"},
        "headers": {"type": "object", "additionalProperties": {"type": "string"}},
        "value": {"type": "object"},
        "base64": {"type": "string"},
    },
}
CONTRACT = {
    "$schema": Draft202012Validator.META_SCHEMA["$id"],
    "type": "object",
    "required": ["name", "description", "key", "partitions", "retention", "compaction", "value", "samples"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "description": {"type": "string", "minLength": 20},
        "key": {"type": "string", "minLength": 4},
        "partitions": PARTITIONS,
        "retention": {"type": "string", "pattern": "^([1-9][0-9]*d|forever)$"},
        "compaction": {"type": "boolean"},
        "value": {"enum": ["json", "bytes"]},
        "schema": {"type": "object", "required": ["$schema"]},
        "headers": {"type": "object", "required": ["$schema"]},
        "samples": {"type": "array", "minItems": 2, "items": SAMPLE},
    },
    "if": {"properties": {"value": {"const": "json"}}},
    "then": {
        "required": ["schema"],
        "properties": {"samples": {"items": {"required": ["value"], "properties": {"base64": False}}}},
    },
    "else": {
        "required": ["headers"],
        "properties": {
            "schema": False,
            "samples": {"items": {"required": ["headers", "base64"], "properties": {"value": False}}},
        },
    },
}


class Loader(yaml.SafeLoader):
    """YAML with the scalars of JSON alone: `no` and dates are text; a key that stands twice is an error."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^null$"), ["n"])
Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(0|[1-9][0-9]*)$"), list("-0123456789"))
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^-?(0|[1-9][0-9]*)(\.[0-9]+([eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)$"),
    list("-0123456789"),
)


class Contract:
    """One topic's file."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.document = yaml.load(file, Loader)
        fault = first_fault(Draft202012Validator(CONTRACT), self.document)
        if fault:
            raise ValueError(fault)
        for part in ("schema", "headers"):
            if part in self.document:
                Draft202012Validator.check_schema(self.document[part])
        if self.document["name"] != path.stem:
            raise ValueError(f"name is {self.document['name']}, the file's name {path.name}")
        self.name = self.document["name"]
        self.samples = self.document["samples"]
        self.value = self.validator("schema")
        self.headers = self.validator("headers")

    def validator(self, part):
        if part not in self.document:
            return None
        schema = self.document[part]
        return Draft202012Validator(inlined(schema, schema.get("$defs", {})))

    def is_open(self):
        return self.value is not None and self.document["schema"].get("additionalProperties") is True

    def fault(self, record):
        """What is wrong with a record, or None."""
        if self.value is not None:
            fault = first_fault(self.value, record.get("value"))
            if fault:
                return f"value: {fault}"
        if self.headers is not None and "headers" in record:
            fault = first_fault(self.headers, record["headers"])
            if fault:
                return f"headers: {fault}"
        return None

    def accepts(self, record):
        """The same without the reason, which costs more than the judgement."""
        part, validator = ("value", self.value) if self.value is not None else ("headers", self.headers)
        return validator.is_valid(record.get(part))

    def mutants(self):
        """Records made from the samples: (sample, mutation, path, record). All but `open` ones must be refused."""
        for sample in self.samples:
            part = "value" if self.value is not None else "headers"
            for mutation, path, mutant in mutants(sample[part], part == "headers"):
                if mutation == "required" and not sample.get("minimal"):
                    continue
                if mutation == "unknown" and not path[:-1] and self.is_open():
                    mutation = "open"
                yield sample["name"], mutation, path, {**sample, part: mutant}


def mutants(value, is_text):
    """Every way of dropping one member, of giving one place a wrong type, and of adding an unknown member."""
    for path, place in places(value):
        if path:
            wrong = [7] if is_text else [[[]]] if isinstance(place, dict) else [{"wrong": []}]
            if not is_text and not isinstance(place, (dict, list)):
                wrong.append([[]])
            for other in wrong:
                yield "type", path, replaced(value, path, other)
        if isinstance(place, dict):
            for name in place:
                rest = {key: member for key, member in place.items() if key != name}
                yield "required", [*path, name], replaced(value, path, rest)
            yield "unknown", [*path, "x_unknown"], replaced(value, path, {**place, "x_unknown": []})


def places(value, path=()):
    yield list(path), value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from places(member, (*path, name))


def replaced(value, path, new):
    if not path:
        return new
    head, *rest = path
    if isinstance(value, dict):
        return {key: replaced(member, rest, new) if key == head else member for key, member in value.items()}
    return [replaced(member, rest, new) if index == head else member for index, member in enumerate(value)]


def inlined(schema, definitions):
    """The same schema with references to its own definitions put in place, which makes the validator twice as fast."""
    if isinstance(schema, list):
        return [inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: inlined(item, definitions) for name, item in schema.items() if name not in ("$defs", "$ref")}
    if "$ref" not in schema:
        return plain
    target = inlined(definitions[schema["$ref"].removeprefix("#/$defs/")], definitions)
    if target.keys().isdisjoint(plain.keys() - {"description"}):
        return {**target, **plain}
    return {**plain, "allOf": [target]}


def first_fault(validator, value):
    error = jsonschema.exceptions.best_match(validator.iter_errors(value)) if not validator.is_valid(value) else None
    return f"{error.json_path}: {error.message[:300]}" if error else None


def contracts():
    """All contracts by name; ends the program where one cannot be read."""
    found, faults = {}, []
    for path in sorted(TOPICS.glob("*.yaml")):
        try:
            contract = Contract(path)
            found[contract.name] = contract
        except (ValueError, yaml.YAMLError, jsonschema.SchemaError) as error:
            faults.append(f"{path.name}: {error}")
    if faults or not found:
        sys.exit("\n".join(faults or [f"no contracts in {TOPICS}"]))
    return found


def check():
    faults, samples, refused = [], 0, 0
    for contract in contracts().values():
        if not any(sample.get("minimal") for sample in contract.samples):
            faults.append(f"{contract.name}: no sample is minimal")
        for sample in contract.samples:
            samples += 1
            fault = contract.fault(sample)
            if fault:
                faults.append(f"{contract.name}: sample “{sample['name']}”: {fault}")
        for sample, mutation, path, mutant in contract.mutants():
            refused += mutation != "open"
            if contract.accepts(mutant) != (mutation == "open"):
                place = f"mutation {mutation} of {spelled(path)}"
                faults.append(f"{contract.name}: sample “{sample}”: wrong answer to {place}")
    print(f"{samples} samples, {refused} mutants refused")
    return faults


def show():
    documents = {name: contract.document for name, contract in contracts().items()}
    json.dump(documents, sys.stdout, ensure_ascii=False)
    return []


def show_mutants():
    for name, contract in contracts().items():
        for sample, mutation, path, mutant in contract.mutants():
            if "value" in mutant:
                value = json.dumps(mutant["value"], ensure_ascii=False)
                print(json.dumps({"topic": name, "mutation": mutation, "path": spelled(path), "value": value}))
    return []


def spelled(path):
    """As Leeway's own errors spell it: columns[0].name"""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def no_twins(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return members


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def records(lines, prefix):
    known, counts, faults = contracts(), {}, []
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line, object_pairs_hook=no_twins, parse_constant=no_constant)
            topic = record["topic"].removeprefix(prefix)
            contract = known[topic]
            if isinstance(record.get("headers"), list):
                record["headers"] = no_twins([(header["name"], header["value"]) for header in record["headers"]])
            fault = contract.fault(record)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            fault, topic = f"not a record: {error!r}", "?"
        if fault:
            faults.append(f"line {number}: {topic}: {fault}")
        else:
            value = record.get("value")
            kind = value.get("kind") if isinstance(value, dict) else None
            counts[topic] = counts.get(topic, {})
            counts[topic][kind or ""] = counts[topic].get(kind or "", 0) + 1
    print(json.dumps(counts, sort_keys=True))
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("check", help="check schemas, samples and mutants")
    commands.add_parser("contracts", help="print the contracts as JSON")
    commands.add_parser("mutants", help="print what the schemas must refuse")
    reading = commands.add_parser("records", help="check records, one JSON object a line")
    reading.add_argument("--prefix", default="", help="before the names of topics")
    arguments = parser.parse_args()
    if arguments.command == "check":
        faults = check()
    elif arguments.command == "contracts":
        faults = show()
    elif arguments.command == "mutants":
        faults = show_mutants()
    else:
        faults = records(sys.stdin.buffer, arguments.prefix)
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
