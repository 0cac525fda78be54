"""Disclosure control: the only exit for numbers, closed by default."""

from hyteanalysis.disclosure.magnitude import dominant
from hyteanalysis.disclosure.policy import Policy
from hyteanalysis.disclosure.proof import audit
from hyteanalysis.disclosure.protection import release
from hyteanalysis.disclosure.relations import Relations
from hyteanalysis.disclosure.released import Release, only_release
from hyteanalysis.disclosure.store import approve, approvers
from hyteanalysis.disclosure.text import check_text
from hyteanalysis.disclosure.utility import advice

__all__ = [
    "Policy",
    "Relations",
    "Release",
    "advice",
    "approve",
    "approvers",
    "audit",
    "check_text",
    "dominant",
    "only_release",
    "release",
]
