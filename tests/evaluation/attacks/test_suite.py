from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from countersign.cli import main
from countersign.core.arrays import Float32Array
from countersign.core.errors import MediaError
from countersign.core.samples import SAMPLE_RATE_HZ, Capture
from countersign.evaluation.attacks.clip import FPS, Clip
from countersign.evaluation.attacks.cutting import parts_of, shuffled
from countersign.evaluation.attacks.species import Material, Species, make
from countersign.evaluation.attacks.suite import MANIFEST, Suite
from countersign.face.path import FacePath
from countersign.media.decode import decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime

SECONDS = 2


def words(seed: int) -> Float32Array:
    """Five bursts of noise with pauses between them."""
    random = np.random.default_rng(seed)
    times = np.arange(SECONDS * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    loud = np.abs(np.sin(2 * np.pi * 1.25 * times))
    return np.asarray(0.2 * loud * random.normal(0, 1, len(times)), np.float32)


def clip(seed: int = 0) -> Clip:
    """A square that wanders over a rough ground, 128x96."""
    ground = np.random.default_rng(seed).integers(40, 200, (96, 128, 3)).astype(np.uint8)
    pictures = []
    for index in range(int(SECONDS * FPS)):
        picture = ground.copy()
        picture[30:60, 20 + index : 50 + index] = (200, 180, 160)
        pictures.append(picture)
    return Clip(pictures=tuple(pictures), sound=words(seed))


WITHOUT_A_FACE = tuple(species for species in Species if species is not Species.STILL_FACE)


@pytest.fixture(scope="module")
def material() -> Material:
    return Material(clip=clip(), others=(words(1), words(2)), clone=words(3))


@pytest.mark.parametrize("species", WITHOUT_A_FACE)
def test_every_species_is_made_and_is_not_what_it_was_made_from(species: Species, material: Material) -> None:
    made = make(species, material, seed=7)
    assert made is not None
    same_sound = np.array_equal(made.clip.sound, material.clip.sound)
    same_pictures = len(made.clip.pictures) == len(material.clip.pictures) and all(
        np.array_equal(one, other) for one, other in zip(made.clip.pictures, material.clip.pictures, strict=True)
    )
    assert not (same_sound and same_pictures)
    assert abs(len(made.clip.sound) / SAMPLE_RATE_HZ - made.clip.seconds) < 0.05
    assert {picture.shape for picture in made.clip.pictures} == {made.clip.pictures[0].shape}
    sizes = made.clip.pictures[0].shape[:2]
    assert all(side % 2 == 0 for side in sizes)


@pytest.mark.parametrize("species", [Species.PRINT, Species.SCREEN_REPLAY, Species.SHUFFLED])
def test_the_seed_decides_everything(species: Species, material: Material) -> None:
    one, again, other = (make(species, material, seed=seed) for seed in (7, 7, 8))
    assert one is not None
    assert again is not None
    assert other is not None
    assert np.array_equal(one.clip.sound, again.clip.sound)
    assert np.array_equal(one.clip.pictures[5], again.clip.pictures[5])
    assert not (
        np.array_equal(one.clip.sound, other.clip.sound)
        and np.array_equal(one.clip.pictures[5], other.clip.pictures[5])
    )


def test_what_an_attack_lacks_it_is_not_made_from() -> None:
    bare = Material(clip=clip())
    lacking = {species for species in Species if make(species, bare, seed=0) is None}
    assert lacking == {Species.DUBBED, Species.SPLICED, Species.CLONED, Species.STILL_FACE}


def test_words_are_cut_apart_at_pauses_and_all_of_them_come_again_when_shuffled() -> None:
    sound = words(0)
    assert len(parts_of(sound)) == 5
    mixed = shuffled(sound, np.random.default_rng(0))
    assert mixed is not None
    assert abs(float(np.sum(mixed**2)) / float(np.sum(sound**2)) - 1) < 0.05
    assert shuffled(np.zeros(SECONDS * SAMPLE_RATE_HZ, np.float32), np.random.default_rng(0)) is None


def test_the_suite_writes_files_and_a_manifest_that_names_them(tmp_path: Path) -> None:
    source = tmp_path / "clip.webm"
    clip().write(source)
    suite = Suite(species=(Species.STILL, Species.REPLAYED, Species.DUBBED), seed=3)
    made = list(suite.write([source], tmp_path / "out"))
    assert [(species, file is None) for _, species, file in made] == [
        (Species.STILL, False),
        (Species.REPLAYED, False),
        (Species.DUBBED, True),
    ]
    entries = [json.loads(line) for line in (tmp_path / "out" / MANIFEST).read_text().splitlines()]
    assert [entry["species"] for entry in entries] == ["still", "replayed"]
    assert {(entry["source"], entry["seed"]) for entry in entries} == {("clip.webm", 3)}
    for entry in entries:
        recording = decode(Capture(data=(tmp_path / "out" / entry["file"]).read_bytes()))
        assert recording.video is not None
        assert recording.audio is not None
        assert abs(recording.video.duration_s - SECONDS) < 0.1


def test_a_sound_alone_is_no_clip(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    path.write_bytes(b"RIFF" + b"\0" * 40)
    with pytest.raises(MediaError):
        Clip.read(path)


@pytest.mark.slow
def test_a_still_face_stays_while_the_rest_moves(samples: Path, runtime: Runtime, tmp_path: Path) -> None:
    suite = Suite(species=(Species.STILL_FACE,), path=FacePath.load(runtime, pack=Pack.CORE))
    ((_, _, file),) = suite.write([samples / "av" / "grid" / "s1" / "bbaf2n.mpg"], tmp_path)
    assert file is not None
    attack, source = Clip.read(file), Clip.read(samples / "av" / "grid" / "s1" / "bbaf2n.mpg")
    change = np.mean(
        [np.abs(a.astype(float) - b).mean() for a, b in zip(attack.pictures, source.pictures, strict=True)]
    )
    assert 0.3 < change < 20


def test_the_command_makes_what_is_asked_for(tmp_path: Path) -> None:
    clip().write(tmp_path / "clip.webm")
    arguments = ["attack", "make", str(tmp_path / "clip.webm"), "--out", str(tmp_path / "out"), "--species", "mirrored"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "mirrored" in result.output
    assert len(list((tmp_path / "out").glob("*.webm"))) == 1
