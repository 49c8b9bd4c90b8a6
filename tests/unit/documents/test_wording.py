"""rules/courts/motions: read strictly; every sentence of law has its citation."""

import re
import shutil
from pathlib import Path

import pytest

from clearslate.court.programs import load_programs
from clearslate.documents import wording as wording_module
from clearslate.documents.wording import fill, load_wording
from clearslate.errors import LawError
from clearslate.law.lists import rules_root


@pytest.fixture
def edited(tmp_path):
    """Reads the file of P64 after one replacement."""

    def read(old, new):
        folder = tmp_path / "rules" / "courts" / "motions"
        folder.mkdir(parents=True, exist_ok=True)
        text = (rules_root() / "courts" / "motions" / "P64.yaml").read_text("utf-8")
        assert old in text
        (folder / "P64.yaml").write_text(text.replace(old, new, 1), "utf-8")
        return load_wording("P64", tmp_path / "rules")

    yield read
    load_wording.cache_clear()
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize("program", [program.program for program in load_programs().values()])
def test_every_program_has_its_words(program):
    wording = load_wording(program)
    assert wording.motion.title and wording.order.title
    assert any(action.is_challenge for action in wording.actions.values())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("program: P64", "program: P47", "not that of program P64"),
        ("filer_role:", "role:", "unknown key `role`"),
        ("      cite: HS 11361.8(g)\n", "", "missing key `cite`"),
        ("confidence: high", "confidence: sure", "none of high, med, low"),
        ("Exhibit A ({lines} in all)", "Exhibit A ({line} in all)", "unknown name in braces"),
        ("Exhibit A ({lines} in all)", "Exhibit A ({lines in all)", "brace"),
        ("Exhibit A ({lines} in all)", "Exhibit A ({lines!r} in all)", "unknown name in braces"),
        ("    - insert: actions\n", "", "nowhere inserted: actions"),
        ("    - insert: judge_signature", "    - insert: actions", "none of"),
        ("when: policy", "when: full_moon", "none of"),
        ("    - heading: Authority", "    - heading: Authority\n      text: x", "expected one of"),
        ("label: To infraction", "label: To misdemeanor", "stands above"),
        ("level_after: I", "level_after: M", "stands above"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line(edited, old, new, says):
    with pytest.raises(LawError, match=says) as told:
        edited(old, new)
    assert re.match(r"P64\.yaml:\d+: ", str(told.value))


def test_values_are_filled_in_as_they_are():
    assert fill("{a} {{x}} {b}", {"a": "{b}", "b": "$1 #2"}) == "{b} {x} $1 #2"


def test_no_law_stands_in_the_code():
    folder = Path(wording_module.__file__).parent
    for path in [*folder.glob("*.py"), *folder.glob("templates/*.typ")]:
        assert not re.search(r"113\d\d|CR-40|Health|misdemeanor", path.read_text("utf-8")), path.name
