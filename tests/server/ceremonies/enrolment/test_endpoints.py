"""The whole enrolment through the API, with an engine that sees what is written in the uploads."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.utils import timezone

from countersign.server.accounts.models import User
from countersign.server.audit.models import AuditEntry
from countersign.server.ceremonies.callers import Caller, Level
from countersign.server.ceremonies.enrolment import ceremony
from countersign.server.ceremonies.models import (
    Consent,
    EnrolmentKind,
    EnrolmentSession,
    ReferenceSet,
    SealedRecord,
    WrappedDataKey,
)
from countersign.server.ceremonies.problems import Problem
from countersign.server.ceremonies.references import holding
from countersign.server.ceremonies.references.opening import open_vault
from tests.server.ceremonies.enrolment.enrollee import Enrollee, code
from tests.server.ceremonies.enrolment.scripted import PITCH_HZ, picture, speech
from tests.server.ceremonies.people import Visitor


def kinds(account: User) -> list[str]:
    return list(AuditEntry.objects.filter(account=str(account.pk)).values_list("kind", flat=True))


def test_a_person_enrols_and_the_references_are_what_was_gathered(ann: Enrollee) -> None:
    face, voice = ann.enrol_by_uploads()
    assert (face["modality"], len(face["samples"])) == ("face", 8)
    assert [sample["yaw_deg"] for sample in face["samples"]] == [0.0, 16.0, 30.0, 57.0, -16.0, -30.0, -57.0, 0.0]
    assert (voice["modality"], len(voice["samples"])) == ("voice", 5)
    enrolled = holding.enrolment_of(ann.account)
    assert enrolled is not None
    assert enrolled.face is not None
    assert len(enrolled.face.samples) == 8
    held = ReferenceSet.objects.get(account=ann.account)
    assert (held.version, held.profile_version) == (1, 1)
    assert ann.account.pk not in {held.reference_id, held.profile_id}
    assert [kind for kind in kinds(ann.account) if kind.startswith(("consent", "enrolment"))] == [
        "consent.given",
        "enrolment.begun",
        "enrolment.completed",
    ]


def test_at_the_end_only_references_and_voice_profile_are_kept(ann: Enrollee) -> None:
    ann.enrol()
    held = ReferenceSet.objects.get(account=ann.account)
    kept = {held.reference_id, held.profile_id}
    assert set(SealedRecord.objects.values_list("pk", flat=True)) == kept
    assert set(WrappedDataKey.objects.values_list("pk", flat=True)) == kept


def test_five_texts_are_asked_for_and_no_word_comes_twice(ann: Enrollee) -> None:
    enrolment = ann.begin()
    words = " ".join(voice["text"] for voice in enrolment["voices"]).split()
    assert len(enrolment["voices"]) == 5
    assert len(words) == len(set(words)) == 30
    assert [picture["pose"] for picture in enrolment["pictures"]].count("front") == 2
    assert len(enrolment["pictures"]) == 8


def test_without_consent_nothing_begins(ann: Enrollee) -> None:
    ann.register()
    assert code(ann.api("POST", "/enrolments")) == (409, "consent.missing")
    assert not EnrolmentSession.objects.exists()


def test_consent_to_an_older_text_is_not_enough(ann: Enrollee) -> None:
    Consent.objects.create(account=ann.account, version="2020-01-01", language="en")
    assert ann.api("GET", "/consent").json()["given_at"] is None
    assert code(ann.api("POST", "/enrolments")) == (409, "consent.outdated")


def test_consent_that_is_withdrawn_in_between_ends_the_enrolment(ann: Enrollee) -> None:
    ann.begin()
    ann.sent("picture", 0, ann.fitting("picture", 0))
    assert ann.api("DELETE", "/consent").status_code == 204
    assert not SealedRecord.objects.exists()
    assert code(ann.send("picture", 1, ann.fitting("picture", 1))) == (409, "enrolment.unknown")


@pytest.mark.parametrize(
    ("slot", "media", "advice"),
    [
        (0, picture(yaw=14), ["look_straight"]),
        (1, picture(yaw=2), ["turn_left"]),
        (3, picture(yaw=30), ["turn_left"]),
        (3, picture(yaw=-40), ["turn_left"]),
        (1, picture(yaw=30), ["turn_back"]),
        (4, picture(yaw=2), ["turn_right"]),
        (4, picture(yaw=-30), ["turn_back"]),
        (0, picture(fails="too_dark"), ["too_dark"]),
        (0, picture(fails="several_faces"), ["several_faces"]),
        (1, picture(yaw=[0, 5, 12, 40]), []),
        (1, picture(yaw=[0, 5, 40]), ["turn_left"]),
    ],
)
def test_a_picture_that_is_not_what_was_asked_gets_the_advice_that_helps(
    ann: Enrollee, slot: int, media: bytes, advice: list[str]
) -> None:
    ann.begin()
    assert ann.advice("picture", slot, media) == advice


def test_another_persons_picture_in_the_middle_is_refused(ann: Enrollee) -> None:
    ann.begin()
    assert ann.advice("picture", 0, picture("ann", yaw=0)) == []
    assert ann.advice("picture", 1, picture("bob", yaw=16)) == ["other_person"]
    assert ann.advice("picture", 1, picture("ann", yaw=16)) == []


def test_a_voice_must_be_the_same_and_read_what_is_shown(ann: Enrollee) -> None:
    texts = [voice["text"] for voice in ann.begin()["voices"]]
    assert ann.advice("voice", 2, speech(texts[1])) == ["other_words"]
    assert ann.advice("voice", 0, speech(texts[0], fails="too_quiet")) == ["too_quiet"]
    assert ann.advice("voice", 0, speech(texts[0])) == []
    assert ann.advice("voice", 1, speech(texts[1], "bob")) == ["other_voice"]


def test_the_same_file_is_not_taken_twice(ann: Enrollee) -> None:
    ann.begin()
    front = picture(yaw=9)
    assert ann.advice("picture", 0, front) == []
    assert ann.advice("picture", 1, front) == ["take_anew"]


def test_a_sample_that_was_taken_may_be_taken_anew(ann: Enrollee) -> None:
    ann.begin()
    assert ann.advice("picture", 0, picture(yaw=1)) == []
    assert ann.advice("picture", 0, picture(yaw=5)) == []
    ann.enrolment = ann.api("GET", f"/enrolments/{ann.enrolment['id']}").json()
    ann.gather()
    references = ann.complete().json()["references"]
    assert references[0]["samples"][0]["yaw_deg"] == 5.0


def test_an_enrolment_is_resumed_where_it_was_left_in_another_session(ann: Enrollee, person: User) -> None:
    first = ann.begin()
    ann.sent("picture", 0, ann.fitting("picture", 0))
    ann.sent("voice", 3, ann.fitting("voice", 3))
    again = Enrollee(person)
    resumed = again.begin()
    assert (resumed["id"], resumed["nonce"]) == (first["id"], first["nonce"])
    assert [entry["slot"] for entry in resumed["pictures"] if entry["state"] == "accepted"] == [0]
    assert [entry["slot"] for entry in resumed["voices"] if entry["state"] == "accepted"] == [3]
    assert code(ann.send("picture", 1, ann.fitting("picture", 1))) == (409, "enrolment.elsewhere")
    again.gather()
    assert again.complete().status_code == 200


def test_an_enrolment_that_expired_takes_nothing_more_and_gives_way_to_a_new_one(ann: Enrollee) -> None:
    first = ann.begin()
    ann.sent("picture", 0, ann.fitting("picture", 0))
    EnrolmentSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert code(ann.send("picture", 1, ann.fitting("picture", 1))) == (409, "enrolment.expired")
    assert code(ann.complete()) == (409, "enrolment.expired")
    assert ann.begin()["id"] != first["id"]
    assert not SealedRecord.objects.exists()


def test_an_unfinished_enrolment_makes_no_references(ann: Enrollee) -> None:
    ann.begin()
    ann.sent("picture", 0, ann.fitting("picture", 0))
    assert code(ann.complete()) == (409, "enrolment.incomplete")
    assert ann.api("GET", "/references").json() == []
    assert not holding.has_references(ann.account)


def test_completing_again_answers_the_same(ann: Enrollee) -> None:
    ann.begin()
    ann.gather()
    first, second = ann.complete().json(), ann.complete().json()
    assert first == second
    assert kinds(ann.account).count("enrolment.completed") == 1
    assert ann.api("GET", f"/enrolments/{ann.enrolment['id']}").json()["state"] == "complete"


def test_a_dropped_enrolment_leaves_nothing(ann: Enrollee) -> None:
    ann.begin()
    ann.gather()
    assert ann.api("DELETE", f"/enrolments/{ann.enrolment['id']}").status_code == 204
    assert not SealedRecord.objects.exists()
    assert not WrappedDataKey.objects.exists()
    assert code(ann.complete()) == (409, "enrolment.unknown")


def test_nobody_sees_or_changes_another_persons_enrolment(ann: Enrollee) -> None:
    ann.begin()
    bob = Enrollee(User.objects.create_user("bob", "bob@example.org", "x" * 20), who="bob")
    bob.begin()
    mine, bob.enrolment = bob.enrolment, ann.enrolment
    for answer in (
        bob.api("GET", f"/enrolments/{ann.enrolment['id']}"),
        bob.api("DELETE", f"/enrolments/{ann.enrolment['id']}"),
        bob.send("picture", 0, picture("bob")),
        bob.complete(),
    ):
        assert code(answer) == (409, "enrolment.unknown")
    assert EnrolmentSession.objects.filter(pk=mine["id"]).exists()


def test_an_upload_that_was_altered_on_the_way_is_refused(ann: Enrollee) -> None:
    ann.begin()
    media = ann.fitting("picture", 0)
    answer = ann.send("picture", 0, media, sent=media + b" ")
    assert code(answer) == (403, "upload.signature_invalid")
    ann.device = str(uuid4())
    assert code(ann.send("picture", 0, media)) == (403, "device.unknown")


def test_a_file_that_is_no_recording_is_told_by_its_code(ann: Enrollee) -> None:
    ann.begin()
    assert code(ann.send("picture", 0, b"unreadable")) == (422, "media.truncated")


@pytest.mark.parametrize("slot", [8, 99, -1])
def test_there_are_no_other_slots(ann: Enrollee, slot: int) -> None:
    ann.begin()
    assert ann.send("picture", slot, picture()).status_code in {404, 422}


def test_enrolling_anew_replaces_the_references_and_needs_proof_of_who_it_is(ann: Enrollee, person: User) -> None:
    ann.enrol()
    before = ReferenceSet.objects.get(account=person)
    unlocked = Enrollee(person, proved=False)
    unlocked.consent()
    assert code(unlocked.api("POST", "/enrolments")) == (403, "session.reauthentication_required")
    ann.enrol()
    after = ReferenceSet.objects.get(account=person)
    assert (after.reference_id, after.version) == (before.reference_id, 2)
    enrolled = holding.enrolment_of(person)
    assert enrolled is not None
    assert enrolled.face is not None
    assert len(enrolled.face.samples) == 8


def test_samples_are_added_to_the_references_of_the_same_person(ann: Enrollee) -> None:
    ann.enrol()
    ann.begin("add")
    assert ann.advice("picture", 0, picture("bob", yaw=1)) == ["other_person"]
    assert ann.advice("picture", 0, picture("ann", yaw=2)) == []
    face, voice = ann.complete().json()["references"]
    assert (len(face["samples"]), len(voice["samples"])) == (9, 5)
    assert len(ann.api("GET", "/references/voice-profile").json()["samples"]) == 5


def test_the_voice_profile_shows_pitch_tone_and_cadence_of_every_sample(ann: Enrollee) -> None:
    assert ann.api("GET", "/references/voice-profile").json() == {"samples": []}
    ann.enrol()
    samples = ann.api("GET", "/references/voice-profile").json()["samples"]
    assert len(samples) == 5
    assert samples[0]["median_hz"] == PITCH_HZ
    assert samples[0]["contour_hz"] == [PITCH_HZ] * 20
    assert (samples[0]["syllables_per_s"], samples[0]["tilt_db_per_octave"]) == (4.0, -6.0)


def test_what_was_erased_cannot_be_read_from_a_copy_of_the_table(ann: Enrollee) -> None:
    ann.enrol()
    held = ReferenceSet.objects.get(account=ann.account)
    copy = SealedRecord.objects.get(pk=held.reference_id)
    assert ann.api("DELETE", "/references").status_code == 204
    assert not WrappedDataKey.objects.exists()
    SealedRecord.objects.create(id=copy.pk, version=copy.version, data=copy.data)
    with pytest.raises(Exception, match=r"vault\.key_erased"):
        open_vault().references.load(held.reference_id)
    assert ann.api("GET", "/references").json() == []
    ann.enrol()
    assert ReferenceSet.objects.get(account=ann.account).reference_id != held.reference_id, "an id is never used again"


def test_references_that_cannot_be_opened_let_nobody_in_but_can_be_made_anew(ann: Enrollee) -> None:
    ann.enrol()
    SealedRecord.objects.filter(version=1).update(data=b"CSSR" + bytes(100))
    answer = ann.api("GET", "/references")
    assert answer.status_code == 503
    with pytest.raises(Exception, match=r"vault\."):
        holding.enrolment_of(ann.account)
    ann.enrol()
    assert holding.enrolment_of(ann.account) is not None


def test_an_older_record_that_is_put_back_with_its_key_is_found(ann: Enrollee) -> None:
    ann.enrol()
    held = ReferenceSet.objects.get(account=ann.account)
    old = SealedRecord.objects.get(pk=held.reference_id), WrappedDataKey.objects.get(pk=held.reference_id)
    ann.enrol()
    for row in old:
        row.save()
    with pytest.raises(Exception, match=r"vault\.rolled_back"):
        holding.enrolment_of(ann.account)


def test_who_has_nothing_enrolled_enrols_within_the_login_and_is_told_by_mail(
    person: User, examining: None, mailoutbox: list[EmailMessage]
) -> None:
    EmailAddress.objects.create(user=person, email="ann@example.org", primary=True, verified=True)
    visitor = Visitor()
    visitor.log_in()
    assert not visitor.is_logged_in()
    enrollee = Enrollee.__new__(Enrollee)
    enrollee.__dict__.update(visitor.__dict__, account=person, who="ann", enrolment={})
    enrollee.enrol_by_uploads()
    assert not enrollee.is_logged_in(), "enrolling is no login"
    assert "face and voice" in mailoutbox[-1].subject
    assert enrollee.attempt().json()["outcome"] == "accepted"
    assert enrollee.is_logged_in()


@pytest.mark.parametrize("level", [Level.PENDING, Level.AUTHENTICATED])
def test_a_login_that_came_as_far_at_the_same_time_does_not_replace_what_was_enrolled_meanwhile(
    ann: Enrollee, level: Level
) -> None:
    ann.enrol()
    late = Caller(account=ann.account, level=level, stage=None, binding="late", is_app=False)
    with pytest.raises(Problem) as refused:
        ceremony.begin(late, EnrolmentKind.REPLACE)
    assert refused.value.code.status == 403
    assert not EnrolmentSession.objects.filter(binding="late").exists()
