"""The repository keeps its own promises: small modules, reference pages up to date, nothing of the machine it was made on."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).parent.parent
SOURCES = sorted((REPOSITORY / "src").rglob("*.py")) + sorted((REPOSITORY / "scripts").glob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_modules_stay_under_300_lines_and_functions_under_50(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 50, f"{node.name} has {length} lines"


def _reference_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_reference", REPOSITORY / "scripts/generate_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["commands", "errors"])
def test_the_generated_reference_pages_are_up_to_date(page: str) -> None:
    expected: str = getattr(_reference_script(), f"{page}_page")()
    assert (REPOSITORY / f"docs/{page}.md").read_text(encoding="utf-8") == expected, "run `make docs`"


def test_documents_link_only_to_files_that_exist() -> None:
    for page in [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_no_committed_file_names_the_machine_it_was_made_on() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    forbidden = re.compile(rb"/work/|/root/|/home/\w+/|/tmp/[a-z]+-helper|files\.pythonhosted")
    for name in listed.stdout.decode().split("\0"):
        path = REPOSITORY / name
        if name and path.suffix in {".py", ".md", ".toml", ".txt", ".json", ".html", ""} and path.is_file():
            if path == Path(__file__):
                continue
            assert not forbidden.search(path.read_bytes()), name
