from __future__ import annotations

import re
from pathlib import Path

import pytest

from countersign.core.errors import ErrorCode, ModelError
from countersign.models import catalog
from countersign.models.convert import _CONVERTERS
from countersign.models.entry import Conversion, Files, IndexArtefact, ModelEntry, Pack, SourceFile

EVERY = pytest.mark.parametrize("entry", catalog.ENTRIES, ids=lambda entry: entry.name)
SHA256 = re.compile(r"[0-9a-f]{64}")

NAMES = {
    Pack.CORE: {"mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet", "blazeface", "dlib-resnet", "facemesh", "ge2e", "silero-vad"},
    Pack.PLUS: {
        *("yunet", "face-reid-0095", "head-pose-adas-0001", "silentface-27", "silentface-40", "facenox"),
        *("aasist", "aasist-l", "light-asd", "attrnn-35"),
    },
    Pack.OPERATOR: {"facenet-vggface2", "sface"},
}


def _files(entry: ModelEntry) -> tuple[SourceFile, ...]:
    match entry.source:
        case IndexArtefact(archive=archive, member=member):
            return archive, member
        case Files(files=files):
            return files


@pytest.mark.parametrize("pack", Pack)
def test_the_packs_hold_what_the_documentation_says(pack: Pack) -> None:
    assert {entry.name for entry in catalog.in_pack(pack)} == NAMES[pack]
    assert len(catalog.ENTRIES) == sum(len(names) for names in NAMES.values())


@EVERY
def test_every_entry_has_a_licence_its_training_data_and_its_provenance(entry: ModelEntry) -> None:
    assert entry.licence.spdx
    assert entry.licence.training_data
    assert entry.provenance
    assert entry.upstream.startswith("https://")


@EVERY
def test_every_file_of_every_entry_is_pinned(entry: ModelEntry) -> None:
    assert SHA256.fullmatch(entry.sha256)
    assert entry.size > 0
    for file in _files(entry):
        assert SHA256.fullmatch(file.sha256)
        assert file.size > 0
        assert all(url.startswith("https://") for url in file.urls)


@EVERY
def test_a_file_that_is_taken_as_it_is_has_the_pins_of_its_source(entry: ModelEntry) -> None:
    last = _files(entry)[-1]
    unchanged = entry.conversion is Conversion.NONE
    assert ((entry.sha256, entry.size) == (last.sha256, last.size)) == unchanged


@EVERY
def test_every_tensor_says_what_it_means(entry: ModelEntry) -> None:
    assert entry.inputs
    assert entry.outputs
    assert all(spec.meaning for spec in (*entry.inputs, *entry.outputs))


@EVERY
def test_every_output_is_of_32_bit_floats_as_the_runtime_promises(entry: ModelEntry) -> None:
    assert {spec.dtype for spec in entry.outputs} == {"float32"}


def test_core_comes_from_the_package_index_alone() -> None:
    assert all(isinstance(entry.source, IndexArtefact) for entry in catalog.in_pack(Pack.CORE))


def test_only_an_operator_is_asked_to_accept_terms() -> None:
    assert {entry.pack for entry in catalog.ENTRIES if entry.licence.terms is not None} == {Pack.OPERATOR}


def test_every_conversion_is_implemented() -> None:
    assert set(_CONVERTERS) == set(Conversion)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ModelError) as raised:
        catalog.find("vgg-face")
    assert raised.value.code is ErrorCode.MODEL_UNKNOWN


@EVERY
def test_the_documentation_names_every_model_with_its_pack_and_licence(entry: ModelEntry) -> None:
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
    rows = [row.split("|") for row in page.split("## Packs")[1].splitlines() if row.startswith("|")]
    (row,) = [row for row in rows if len(row) == 8 and entry.name in row[1].strip().split(", ")]
    assert row[3].strip() == entry.pack
    assert row[4].strip() == entry.licence.spdx
