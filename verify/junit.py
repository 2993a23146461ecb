"""Verdicts as JUnit XML, which every build server shows."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for (2.2, Char)."""

FAILING = frozenset({"review", "reject"})


def junit_xml(verdicts: Sequence[Mapping[str, Any]]) -> str:
    """Return one test suite with a case for each verdict, given as JSON values.

    ``review`` and ``reject`` are failures, a file that could not be judged is an
    error, everything else passes.
    """
    decisions = [str(each["policy"]["decision"]) for each in verdicts]
    suite = ElementTree.Element(
        "testsuite",
        name="lampoon verify",
        tests=str(len(verdicts)),
        failures=str(sum(each in FAILING for each in decisions)),
        errors=str(decisions.count("error")),
    )
    for verdict, decision in zip(verdicts, decisions, strict=True):
        suite.append(_case(verdict, decision))
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _case(verdict: Mapping[str, Any], decision: str) -> ElementTree.Element:
    path, finding = str(verdict["asset"]["path"]), str(verdict["finding"])
    case = ElementTree.Element(
        "testcase", name=_plain(path), classname="lampoon.verify"
    )
    words = "\n".join(
        [str(verdict["summary"]), *verdict["reasons"], *verdict["policy"]["reasons"]]
    )
    if decision == "error" or decision in FAILING:
        kind = "error" if decision == "error" else "failure"
        made = ElementTree.SubElement(
            case, kind, type=decision, message=f"{finding}: {decision}"
        )
        made.text = _plain(words)
    else:
        ElementTree.SubElement(case, "system-out").text = _plain(words)
    return case


def _plain(text: str) -> str:
    """Return a text that XML can hold; what it cannot becomes a question mark."""
    return FORBIDDEN.sub("?", text)
