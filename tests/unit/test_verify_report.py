"""The page that people read: whole, self-contained, and harmless."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lampoon.errors import MediaError
from lampoon.verify.blink.measure import measure_blinks
from lampoon.verify.evidence import (
    AssetEvidence,
    BlinkEvidence,
    ConsentState,
    Finding,
    HardBinding,
    History,
    Integrity,
    LabelEvidence,
    LabelSeen,
    PartEvidence,
    Poster,
    ProvenanceEvidence,
    Trust,
)
from lampoon.verify.mark_evidence import WatermarkEvidence
from lampoon.verify.policy import Case, default_policy
from lampoon.verify.report.page import report_html, write_report
from lampoon.verify.report.timeline import timeline_svg
from lampoon.verify.verdict import SENTENCES, Verdict
from tests.support.verify import Blink, clock, closure_of, face_track

HOSTILE = "<script>alert(1)</script>\"'&"


def blinks(seconds: float = 40.0) -> BlinkEvidence:
    times = clock(seconds)
    closure = closure_of(times, [Blink(float(at)) for at in range(2, 38, 3)])
    sure = np.ones((len(times), 2), bool)
    sure[200:260] = False
    return measure_blinks([face_track(times, closure, measurable=sure)], seconds)


def verdict(finding: Finding = Finding.LABELLED_PARODY) -> Verdict:
    provenance = ProvenanceEvidence(
        finding=finding,
        reasons=("Signed by Test Troupe.",),
        integrity=Integrity.INTACT,
        trust=Trust.TRUSTED,
        hard_binding=HardBinding.MATCH,
        history=History.BROKEN,
        manifest="urn:c2pa:1",
        title="Parody",
        signer="Test Troupe",
        parts=(PartEvidence("footage", "parentOf", 1, "", ("assertion.x",)),),
    )
    blink = blinks()
    case = Case(
        finding,
        provenance.integrity,
        False,
        ConsentState.UNVERIFIABLE,
        LabelSeen.SEEN,
        blink.statistics.answer,
    )
    return Verdict(
        asset=AssetEvidence("/clips/parody.mp4", "ab" * 32, 10, 40.0, 640, 360, "25"),
        finding=finding,
        reasons=provenance.reasons,
        provenance=provenance,
        watermark=WatermarkEvidence(),
        consent=ConsentState.UNVERIFIABLE,
        label=LabelEvidence("eu-full", LabelSeen.SEEN),
        blink=blink,
        policy=default_policy().decide(case),
        tools={"lampoon": "0.1.0"},
        trust_list={"name": "Test", "anchors": 1, "sha256": "cd" * 32, "uris": []},
        poster=Poster("AAAA", 640, 360, 1.0, (10.0, 20.0, 110.0, 220.0)),
    )


@pytest.mark.parametrize("finding", list(Finding))
def test_every_finding_has_its_page(finding: Finding) -> None:
    assert SENTENCES[finding] in report_html([verdict(finding)])


def test_the_page_fetches_and_runs_nothing() -> None:
    page = report_html([verdict()])

    assert "<script" not in page
    assert "default-src 'none'" in page
    addresses = re.findall(r"""(?:src|href)\s*=\s*["']([^"'#]+)""", page)
    assert all(each.startswith("data:image/jpeg;base64,") for each in addresses)
    assert "url(http" not in page
    assert "@import" not in page


def test_what_a_stranger_wrote_is_shown_not_obeyed() -> None:
    given = verdict()
    hostile = replace(
        given,
        asset=replace(given.asset, path=f"/x/{HOSTILE}.mp4"),
        reasons=(HOSTILE,),
        provenance=replace(
            given.provenance,
            title=HOSTILE,
            signer=HOSTILE,
            manifest=HOSTILE,
            parts=(PartEvidence(HOSTILE, HOSTILE, 1, HOSTILE, (HOSTILE,)),),
        ),
        label=LabelEvidence(HOSTILE, LabelSeen.UNKNOWN),
    )

    assert "<script" not in report_html([hostile])


def test_the_page_tells_rate_reasons_chain_and_policy() -> None:
    page = report_html([verdict()])

    for words in (
        "Signed by Test Troupe.",
        "urn:c2pa:1",
        "assertion.x",
        "lampoon-default",
        "eyes covered",
        "a minute",
        "not checked",
        "abab",
    ):
        assert words in page, words


def test_blinks_are_marked_on_the_timeline() -> None:
    svg = timeline_svg(blinks())

    assert svg.startswith("<svg")
    assert "var(--left)" in svg
    assert "var(--blink)" in svg
    assert "#0" not in svg.replace("xlink:href", "")


def test_the_same_blinks_give_the_same_picture() -> None:
    assert timeline_svg(blinks(10.0)) == timeline_svg(blinks(10.0))


def test_without_a_face_there_is_no_timeline() -> None:
    page = report_html([replace(verdict(), blink=measure_blinks([], 40.0))])

    assert "<svg" not in page
    assert "Not measurable: no face." in page


def test_long_clips_take_a_row_a_minute() -> None:
    assert timeline_svg(blinks(150.0)).count("seconds</text>") == 3


def test_several_verdicts_share_a_page() -> None:
    assert report_html([verdict(), verdict()]).count("<article") == 2


def test_a_report_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_report([verdict()], tmp_path / "report.html")

    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]
    with pytest.raises(MediaError, match="cannot be written"):
        write_report([verdict()], tmp_path / "missing" / "report.html")
