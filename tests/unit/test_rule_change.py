"""What a change of the rule files changes, and that nothing else moves."""

import shutil
from pathlib import Path

import pytest

from clearslate.errors import UsageError
from clearslate.home import Home
from clearslate.law.lists import rules_root
from clearslate.rule_change import try_rules
from tests.command import command


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a small synthetic run, under the statute alone."""
    folder = tmp_path_factory.mktemp("tried")
    extract = folder / "extract.csv"
    assert command("synth", "--rows", "3000", "--seed", "5", "--out", extract).code == 0
    said = command(
        "run", extract, "--home", folder / "home", "--as-of", "2025-01-15", "--data-through", "2024-12-31",
        "--policy", "statute-only", "--review", "none",
    )  # fmt: skip
    assert said.code == 0, said.words
    return Home(folder / "home")


def copied(folder: Path, file: str, before: str, after: str) -> Path:
    """A copy of the rules with one text in one file changed."""
    copy = folder / "rules"
    shutil.copytree(rules_root(), copy)
    text = (copy / file).read_text("utf-8")
    assert text.count(before) == 1
    (copy / file).write_text(text.replace(before, after), "utf-8")
    return copy


def test_the_same_rules_change_nothing(home: Home, tmp_path: Path) -> None:
    shutil.copytree(rules_root(), tmp_path / "rules")
    change = try_rules(home, tmp_path / "rules")
    assert change.rule_set_before == change.rule_set_after
    assert (change.changed_rules, change.n_changed) == ((), 0)
    assert change.n_same > 0


@pytest.mark.parametrize(
    ("file", "parameter", "value", "another"),
    [
        ("arrest_relief", "felony_years", 6, 9),
        ("conviction_relief", "felony_years", 4, 5),
        ("conviction_relief", "misdemeanor_years", 1, 8),
        ("prop64", "unknown_quantity", "floor", "ceiling"),
    ],
)
def test_whatever_a_parameter_moves_names_a_rule_that_it_changes(
    home: Home, tmp_path: Path, file: str, parameter: str, value: object, another: object
) -> None:
    stated = f"{parameter}:\n    value: "
    change = try_rules(home, copied(tmp_path, f"remedies/{file}.yaml", f"{stated}{value}", f"{stated}{another}"))
    assert change.rule_set_before != change.rule_set_after
    assert {rule.partition(".")[0] for rule in change.changed_rules} == {file}
    assert change.n_changed > 0
    assert change.n_unexplained == 0
    assert change.n_same > change.n_changed


def test_the_command_says_both_counts(home: Home, tmp_path: Path) -> None:
    value = "felony_years:\n    value: 6"
    copy = copied(tmp_path, "remedies/arrest_relief.yaml", value, value.replace("6", "9"))
    said = command("try-rules", copy, "--home", home.root)
    assert said.code == 0, said.words
    assert "0 of them rest on no rule that differs" in said.words
    assert "stay the same to the byte" in said.words


def test_a_folder_without_remedies_is_no_copy(home: Home, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a copy"):
        try_rules(home, tmp_path)
