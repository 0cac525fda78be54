"""A plan from an uploaded file; whatever is wrong with it is told, and the open plan stays as it is."""

import os
from pathlib import Path

from hyteanalysis import places
from hyteanalysis.apps.planning.refusal import Refused
from hyteanalysis.disclosure import check_text
from hyteanalysis.errors import PlanError
from hyteanalysis.plan import Plan
from hyteanalysis.plan.checks import LONGEST
from hyteanalysis.plan.migrations import NewerSchema

LARGEST = 3_000_000  # bytes; a plan of 60 goals is a tenth of it


def opened(content: bytes, name: str) -> Plan:
    """The plan in a file's content, or Refused: too large, no text, no plan, a newer schema, personal data, faults."""
    if len(content) > LARGEST:
        raise Refused("too_large")
    try:
        said = content.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("no_plan") from None
    try:
        return Plan.from_text(said, name)
    except NewerSchema as error:
        raise Refused("newer", str(error)) from None
    except PlanError as error:
        if any(found.kind == "personal_code" for line in said.splitlines() for found in check_text(line[:LONGEST])):
            raise Refused("personal_file", str(error)) from None
        code = "no_plan" if "schema_version" not in said else "faulty"
        raise Refused(code, str(error)) from None


def first() -> tuple[Plan, str, bool]:
    """The plan that is shown at first, its file's name, and whether it is the example: the server's, else ours."""
    given = os.environ.get("HYTE_PLAN")
    path = Path(given) if given else places.committed("plans", "example.yml")
    example = not given or path == places.committed("plans", "example.yml")
    return opened(path.read_bytes(), path.name), path.name, example
