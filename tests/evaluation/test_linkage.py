"""The evaluation's report says whether templates can be linked between databases: as they are, and as the vault keeps them."""

from __future__ import annotations

from countersign.core.biometrics import Enrolment, FaceReference, Modality
from countersign.evaluation.linkage import measure_linkage
from tests.vault.test_linkability import two_sessions


def enrolled(people: int) -> list[Enrolment]:
    """Eight samples of each person."""
    both = []
    for one, two in zip(*two_sessions(people, spread=0.5), strict=True):
        assert one.face is not None
        assert two.face is not None
        both.append(Enrolment(face=FaceReference(samples=(*one.face.samples, *two.face.samples)), voice=None))
    return both


def test_plain_templates_are_linked_and_the_vaults_are_not() -> None:
    found = measure_linkage(enrolled(20), Modality.FACE)
    assert found is not None
    assert found.people == 20
    assert found.plain > 0.9
    assert found.rotated < found.rotated_chance + 0.1


def test_it_comes_out_the_same_twice() -> None:
    people = enrolled(12)
    assert measure_linkage(people, Modality.FACE) == measure_linkage(people, Modality.FACE)


def test_too_few_people_say_nothing() -> None:
    assert measure_linkage(enrolled(9), Modality.FACE) is None
    assert measure_linkage(enrolled(12), Modality.VOICE) is None
