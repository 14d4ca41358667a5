"""Holds requests to AWS, and the answers, against the service models that botocore ships.

Reads one exchange a line from its standard input: `{"target", "status", "request", "answer"}`. At its end, prints one JSON
object: how often each operation was seen, how often each kind of constraint was applied, and what did not hold. Faults
name the place and the constraint, never the value. botocore's own validation knows types and required members only; the
models know lengths, patterns, enumerations and ranges besides.
"""

import base64
import binascii
import collections
import json
import re
import sys
from urllib.parse import unquote

from botocore.loaders import Loader
from botocore.model import ServiceModel

SERVICES = ("dynamodb", "sqs", "ssm", "secretsmanager", "events")
# Members of which exactly one is there, although the model does not say so.
UNIONS = {"AttributeValue"}
# https://docs.aws.amazon.com/…: SQS quotas-messages, eventbridge-quota, DynamoDB ServiceQuotas. The models have none of these.
LIMITS = {
    "SendMessageBatch": {"Entries": 10},
    "BatchGetItem": {"Keys": 100},
}
SQS_MESSAGE_BYTES = 1024 * 1024
COMMON_ERRORS = {
    "AccessDeniedException",
    "InternalFailure",
    "RequestLimitExceeded",
    "SerializationException",
    "ServiceUnavailable",
    "ThrottlingException",
    "ValidationException",
}
INVOKE = re.compile(r"POST /2015-03-31/functions/([^/]+)/invocations")
# Java's classes of characters, near enough.
CLASSES = {r"\p{L}": "a-zA-Z\u00aa-\uffff", r"\p{Z}": r"\s", r"\p{N}": "0-9"}


def load(name):
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


class Checker:
    def __init__(self):
        self.seen = collections.Counter()
        self.applied = collections.Counter()
        self.faults = collections.Counter()
        self.patterns = {}
        self.models = {model.metadata["targetPrefix"]: model for model in map(load, SERVICES)}
        self.operations = {}

    def operation(self, target):
        if target not in self.operations:
            prefix, _, name = target.partition(".")
            model = self.models.get(prefix)
            self.operations[target] = model.operation_model(name) if model and name in model.operation_names else None
        return self.operations[target]

    def exchange(self, target, status, request, answer):
        invoked = INVOKE.fullmatch(target)
        if invoked:
            # Its body is the payload, whose size the caller of this script holds to Lambda's envelope.
            return self.invocation(unquote(invoked[1]))
        operation = self.operation(target)
        if operation is None:
            self.faults[f"{target} is in none of the models"] += 1
            return
        self.seen[f"{target} request"] += 1
        self.value(operation.input_shape, request or {}, f"{target} request")
        self.beyond_the_model(operation.name, request or {}, f"{target} request")
        if status >= 400:
            self.seen[f"{target} error"] += 1
            self.error(operation, answer, f"{target} error")
        elif operation.output_shape is not None:
            self.seen[f"{target} answer"] += 1
            self.value(operation.output_shape, answer or {}, f"{target} answer")

    def invocation(self, name):
        if "Invoke" not in self.operations:
            self.operations["Invoke"] = load("lambda").operation_model("Invoke")
        self.seen["Lambda.Invoke request"] += 1
        self.value(self.operations["Invoke"].input_shape, {"FunctionName": name}, "Lambda.Invoke request")

    def error(self, operation, answer, place):
        code = str((answer or {}).get("__type", "")).split("#")[-1].split(":")[0]
        known = {shape.name for shape in operation.error_shapes}
        known |= {shape.metadata.get("error", {}).get("code") for shape in operation.error_shapes}
        if not self.holds("error", code in known or code in COMMON_ERRORS):
            self.fault(place, f"{code or 'no code'} is no error of this operation")

    def beyond_the_model(self, name, request, place):
        for member, most in LIMITS.get(name, {}).items():
            for found in find(request, member):
                if not self.holds("length", len(found) <= most):
                    self.fault(f"{place}.{member}", f"more than {most}")
        bodies = sum(len(body.encode()) for body in find(request, "MessageBody"))
        if not self.holds("length", bodies <= SQS_MESSAGE_BYTES):
            self.fault(f"{place}.MessageBody", f"more than {SQS_MESSAGE_BYTES} bytes")

    def holds(self, kind, outcome):
        self.applied[kind] += 1
        return outcome

    def fault(self, place, what):
        self.faults[f"{place}: {what}"] += 1

    def value(self, shape, value, place):
        check = getattr(self, f"check_{shape.type_name}", None)
        if check is None:
            self.fault(place, f"a {shape.type_name} is not known here")
        else:
            check(shape, value, place)

    def typed(self, value, kinds, place, name):
        ok = isinstance(value, kinds) and not (isinstance(value, bool) and bool not in kinds)
        if not self.holds("type", ok):
            self.fault(place, f"is no {name}")
        return ok

    def bounded(self, shape, size, place):
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        # An answer has one empty where there is nothing to tell: "the response contains an empty UnprocessedKeys map".
        if " answer" in place and shape.type_name in ("list", "map"):
            low = None
        for bound, outcome in ((low, low is None or size >= low), (high, high is None or size <= high)):
            if bound is not None and not self.holds("length", outcome):
                self.fault(place, f"{size} is outside {low}..{high}")

    def check_structure(self, shape, value, place):
        if not self.typed(value, (dict,), place, "structure"):
            return
        for name in shape.required_members:
            if not self.holds("required", name in value):
                self.fault(place, f"{name} is missing")
        if shape.name in UNIONS or getattr(shape, "is_tagged_union", False):
            if not self.holds("union", len(value) == 1):
                self.fault(place, f"{len(value)} members where one belongs")
        members = shape.members
        for name, inner in value.items():
            if not self.holds("known", name in members):
                self.fault(f"{place}.{name}", "is not in the model")
            elif self.holds("null", inner is not None):
                self.value(members[name], inner, f"{place}.{name}")
            else:
                self.fault(f"{place}.{name}", "is null")

    def check_list(self, shape, value, place):
        if not self.typed(value, (list,), place, "list"):
            return
        self.bounded(shape, len(value), place)
        for inner in value:
            self.value(shape.member, inner, f"{place}[]")

    def check_map(self, shape, value, place):
        if not self.typed(value, (dict,), place, "map"):
            return
        self.bounded(shape, len(value), place)
        for key, inner in value.items():
            self.value(shape.key, key, f"{place}{{}}")
            self.value(shape.value, inner, f"{place}{{}}")

    def check_string(self, shape, value, place):
        if not self.typed(value, (str,), place, "string"):
            return
        self.bounded(shape, len(value), place)
        if shape.enum and not self.holds("enum", value in shape.enum):
            self.fault(place, "is not in the enumeration")
        pattern = shape.metadata.get("pattern")
        if pattern and not self.holds("pattern", self.pattern(pattern).fullmatch(value)):
            self.fault(place, f"does not match {pattern}")

    def pattern(self, text):
        if text not in self.patterns:
            python = text
            for java, ours in CLASSES.items():
                python = python.replace(java, ours)
            self.patterns[text] = re.compile(python)
        return self.patterns[text]

    def check_number(self, shape, value, place):
        if self.typed(value, (int, float), place, shape.type_name):
            self.bounded(shape, value, place)

    check_double = check_float = check_number

    def check_integer(self, shape, value, place):
        if self.typed(value, (int,), place, shape.type_name):
            self.bounded(shape, value, place)

    check_long = check_integer

    def check_boolean(self, shape, value, place):
        self.typed(value, (bool,), place, "boolean")

    def check_timestamp(self, shape, value, place):
        self.typed(value, (int, float), place, "timestamp")

    def check_blob(self, shape, value, place):
        if not self.typed(value, (str,), place, "blob"):
            return
        try:
            self.bounded(shape, len(base64.b64decode(value, validate=True)), place)
        except binascii.Error:
            self.fault(place, "is not base64")


def find(value, name):
    """Every value that has this name, at any depth."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value[name]] if isinstance(value, dict) and name in value else []
    return own + [found for each in inner for found in find(each, name)]


checker = Checker()
for line in sys.stdin:
    checker.exchange(**json.loads(line))
print(json.dumps({"seen": checker.seen, "applied": checker.applied, "faults": checker.faults}))
