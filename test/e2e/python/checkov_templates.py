"""Runs checkov's CloudFormation checks over the templates that are named, and prints what it found as one JSON object."""

import json
import logging
import sys

from checkov.cloudformation.runner import Runner
from checkov.runner_filter import RunnerFilter

logging.disable(logging.WARNING)


def report(template: str) -> dict:
    found = Runner().run(root_folder=None, files=[template], runner_filter=RunnerFilter(framework=["cloudformation"]))
    failed = [{"check": one.check_id, "resource": one.resource, "name": one.check_name} for one in found.failed_checks]
    return {"passed": len(found.passed_checks), "failed": failed, "unread": found.parsing_errors}


print(json.dumps({template: report(template) for template in sys.argv[1:]}))
