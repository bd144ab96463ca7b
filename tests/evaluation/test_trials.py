"""A file of trials means what the documentation says, and a wrong one is refused with the line that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from countersign.core.biometrics import Modality
from countersign.core.errors import ErrorCode, TrialsError
from countersign.evaluation.trials import Kind, Role, Trials, read_trials

HEADER = "subject,attempt,role,kind,path,text,species\n"
GOOD = HEADER + "ann,1,enrol,face,a.jpg,,\nann,2,probe,face,b.jpg,,\n"


def written(folder: Path, text: str | bytes) -> Path:
    for name in ("a.jpg", "b.jpg", "c.wav"):
        (folder / name).write_bytes(b"x")
    path = folder / "trials.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(folder: Path, text: str | bytes) -> Trials:
    return read_trials(written(folder, text))


def test_rows_of_one_subject_attempt_and_role_make_one_presentation(tmp_path: Path) -> None:
    trials = read(
        tmp_path,
        HEADER
        + "ann,1,enrol,face,a.jpg,,\nann,7,probe,face,b.jpg,,\nbob,7,probe,face,b.jpg,,\n"
        + "ann,7,probe,voice,c.wav,open sesame,\nann,7,attack,voice,c.wav,,clone\n",
    )
    assert [(test.subject, test.role, len(test.files)) for test in trials.tests] == [
        ("ann", Role.PROBE, 2),
        ("bob", Role.PROBE, 1),
        ("ann", Role.ATTACK, 1),
    ]
    assert trials.tests[0].offered == {Modality.FACE, Modality.VOICE}
    assert [file.text for file in trials.tests[0].files] == ["", "open sesame"]
    assert trials.tests[2].species == "clone"


def test_all_enrolment_rows_of_a_subject_belong_to_one_enrolment_whatever_their_attempt(tmp_path: Path) -> None:
    rows = "ann,1,enrol,face,a.jpg,,\nann,2,enrol,face,b.jpg,,\nann,2,enrol,voice,c.wav,,\nann,1,probe,av,a.jpg,,\n"
    trials = read(tmp_path, HEADER + rows)
    assert list(trials.enrolments) == ["ann"]
    assert [len(shown.files) for shown in trials.enrolments["ann"]] == [1, 2]


def test_every_probe_meets_every_enrolled_subject_and_an_attack_only_its_target(tmp_path: Path) -> None:
    rows = (
        "ann,1,enrol,face,a.jpg,,\nbob,1,enrol,face,b.jpg,,\n"
        "ann,2,probe,face,a.jpg,,\nstranger,1,probe,face,b.jpg,,\nbob,1,attack,face,a.jpg,,print\n"
    )
    assert read(tmp_path, HEADER + rows).comparisons == 2 * 2 + 1


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\n\n").encode(),
        GOOD.replace(",face", ", face ").encode(),
        b"subject,attempt,role,kind,path\nann,1,enrol,face,a.jpg\nann,2,probe,face,b.jpg\n",
        b"note,path,kind,role,attempt,subject\nx,a.jpg,face,enrol,1,ann\ny,b.jpg,face,probe,2,ann\n",
        GOOD.replace("b.jpg,,", "b.jpg,,ignored unless an attack").encode(),
    ],
    ids=["byte order mark", "CRLF", "blank lines", "spaces", "without text and species", "other order", "species"],
)
def test_what_spreadsheets_do_to_a_file_is_tolerated(tmp_path: Path, text: bytes) -> None:
    trials = read(tmp_path, text)
    assert [test.species for test in trials.tests] == [""]
    assert trials.tests[0].files[0].kind is Kind.FACE


def test_paths_are_relative_to_the_file_and_may_be_absolute(tmp_path: Path) -> None:
    written(tmp_path, "")
    deep = tmp_path / "deep"
    deep.mkdir()
    rows = f"ann,1,enrol,face,../a.jpg,,\nann,2,probe,face,{tmp_path / 'b.jpg'},,\n"
    (deep / "trials.csv").write_text(HEADER + rows, "utf-8")
    trials = read_trials(deep / "trials.csv")
    assert all(file.path.is_file() for shown in trials.presentations for file in shown.files)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"line 1: missing columns: subject, attempt, role, kind, path"),
        ("subject,attempt,role,path\n", r"line 1: missing columns: kind"),
        (HEADER.replace("text", "path"), r"line 1: columns given twice: path"),
        (GOOD + "ann,3,judge,face,a.jpg,,\n", r"line 4: role is none of enrol, probe, attack"),
        (GOOD + "ann,3,probe,iris,a.jpg,,\n", r"line 4: kind is none of face, voice, video, av"),
        (GOOD + "ann,3,probe,face,a.jpg\n", r"line 4: 5 values where the header names 7 columns"),
        (GOOD + ",3,probe,face,a.jpg,,\n", r"line 4: empty: subject"),
        (GOOD + "ann,3,probe,face,gone.jpg,,\n", r"line 4: the path leads to no file"),
        (GOOD + "ann,3,probe,face,.,,\n", r"line 4: the path leads to no file"),
        (GOOD + f"ann,3,probe,face,{'x' * 5000},,\n", r"line 4: the path leads to no file"),
        (GOOD + "ann,3,attack,face,a.jpg,,\n", r"line 4: an attack needs a species"),
        (GOOD + "bob,3,attack,face,a.jpg,,print\n", r"line 4: the target of this attack has no enrolment rows"),
        (GOOD + "ann,2,probe,face,b.jpg,,\n", r"line 4: the same file in the same presentation as on line 3"),
        (GOOD + "ann,2,attack,face,a.jpg,,print\nann,2,attack,voice,c.wav,,clone\n", r"line 5: another species than"),
        (HEADER + "ann,1,enrol,face,a.jpg,,\n", r"at least one enrol row and one probe or attack row"),
        (HEADER + "ann,1,probe,face,a.jpg,,\n", r"at least one enrol row and one probe or attack row"),
        (GOOD + 'ann,3,probe,face,"a.jpg"x,,\n', r"line 4: not CSV"),
        (GOOD.encode() + b"ann,3,probe,face,\xff.jpg,,\n", r"line 4: not UTF-8"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line_and_reason(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(TrialsError, match=message) as caught:
        read(tmp_path, text)
    assert caught.value.code is ErrorCode.TRIALS_INVALID


def test_a_missing_file_of_trials_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrialsError, match="cannot be read"):
        read_trials(tmp_path / "none.csv")


def test_messages_name_no_person(tmp_path: Path) -> None:
    with pytest.raises(TrialsError) as caught:
        read(tmp_path, GOOD + "secretname,3,probe,face,secretpath.jpg,,\n")
    assert "secret" not in str(caught.value)
