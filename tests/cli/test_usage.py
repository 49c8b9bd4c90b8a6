"""What the command line says where it is used wrongly, and what it finds in odd files. No run gets anywhere here."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from clearslate import settings
from clearslate.run import today
from pipelines import cli
from tests.command import ROOT, SCRIPT, command, process
from tests.support import DATA, SACRAMENTO

EXTRACT = SACRAMENTO / "input.csv"
BROKEN = DATA / "broken"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Usage: clearslate"),
        (("publish",), "No such command 'publish'"),
        (("run",), "Missing argument"),
        (("run", "--everything"), "No such option"),
        (("run", EXTRACT, "--as-of", "2020-02-30"), "--as-of: '2020-02-30' is not a date of the form YYYY-MM-DD"),
        (("run", EXTRACT, "--as-of", "2020-W01-1"), "--as-of: '2020-W01-1' is not a date"),
        (("run", EXTRACT, "--data-through", "20191111"), "--data-through: '20191111' is not a date"),
        (("run", EXTRACT, "--scope", "county"), "scope: 'county' is neither statewide nor partial"),
        (("run", EXTRACT, "--review", "all"), "--review is full, convictions or none"),
        (
            ("run", EXTRACT, "--county", "sacremento"),
            "'sacremento' is none of California's 58 counties; did you mean SACRAMENTO",
        ),
        (
            ("redecide", "--county", " Los Angles "),
            "'Los Angles' is none of California's 58 counties; did you mean LOS ANGELES",
        ),
        (("synth", "--rows", "9", "--seed", "1", "--out", "a.csv", "--county", "yollo"), "did you mean YOLO"),
        (("synth", "--rows", "9", "--seed", "1", "--out", "a.csv", "--dirty", "2"), "share of dirty lines"),
        (("synth", "--rows", "many", "--seed", "1", "--out", "a.csv"), "Invalid value for '--rows'"),
        (("inspect", "nowhere.csv"), "nowhere.csv: no such file"),
        (("inspect", DATA), "data: is a folder, not a file"),
        (("rows", "--gate", "core.case_number_missing", "--limit", "-1"), "Invalid value for '--limit'"),
        (("court", "check", "nowhere.zip"), "nowhere.zip: no such file"),
    ],
    ids=lambda value: " ".join(str(part) for part in value if part != EXTRACT) if isinstance(value, tuple) else "",
)
def test_wrong_use_is_one_clear_line_and_exit_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str | Path, ...], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    said = command(*arguments)
    assert said.code == 2
    assert words in said.words
    assert "Traceback" not in said.words
    assert list(tmp_path.iterdir()) == [], "nothing was written"


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("CLEARSLATE_MEMORY", "lots", "CLEARSLATE_MEMORY has to be a size such as 800MB"),
        ("CLEARSLATE_MEMORY", "1KB", "at least 100MB"),
        ("CLEARSLATE_THREADS", "99999", "CLEARSLATE_THREADS has to be a whole number from 1"),
        ("CLEARSLATE_THREADS", "0", "CLEARSLATE_THREADS has to be a whole number from 1"),
        ("CLEARSLATE_THREADS", "two", "CLEARSLATE_THREADS has to be a whole number from 1"),
    ],
)
def test_a_setting_of_the_environment_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    said = command("run", EXTRACT, "--home", tmp_path / "home")
    assert said.code == 2
    assert words in said.words


def test_a_delivery_does_not_speak_of_days_to_come(tmp_path: Path) -> None:
    said = command("run", EXTRACT, "--home", tmp_path / "home", "--data-through", "2999-01-01")
    assert said.code == 2
    assert "--data-through 2999-01-01 lies after the day of receipt" in said.words
    assert not (tmp_path / "home" / "current").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            '{"baselineEligibility": {"dismis": []}}',
            "unknown key `baselineEligibility.dismis`; known are dismiss, reduce",
        ),
        (
            '{"additionalRelief": {"subjectUnder21AtConviction": "yes"}}',
            "`additionalRelief.subjectUnder21AtConviction`",
        ),
        ('{"additionalRelief": {"subjectAgeThreshold": 12}}', "`additionalRelief.subjectAgeThreshold`"),
        ('{"baselineEligibility": ', "options.json:1: not valid JSON"),
        (None, "options.json: cannot be read"),
    ],
)
def test_a_bad_policy_names_the_key(tmp_path: Path, options: str | None, words: str) -> None:
    file, home = tmp_path / "options.json", tmp_path / "home"
    if options is not None:
        file.write_text(options, "utf-8")
    for more in ((), ("--json",)):
        said = command("run", EXTRACT, "--home", home, "--policy", file, *more)
        assert said.code == 2
        assert words in said.words
    assert not home.exists()


@pytest.mark.parametrize(
    ("asked", "content", "words"),
    [
        ("nobodys", None, "'nobodys' is neither a file nor a policy; policies are clear-my-record, "),
        ("policies.csv", "county,policy,options\nYOLO,nobodys,\n", "policies.csv:2: there is no policy 'nobodys'"),
        ("policies.csv", "county,policy\n", "policies.csv:1: the header must be county,policy,options"),
    ],
)
def test_a_policy_that_is_not_there_is_refused(tmp_path: Path, asked: str, content: str | None, words: str) -> None:
    if content is not None:
        (tmp_path / asked).write_text(content, "utf-8")
        asked = str(tmp_path / asked)
    said = command("run", EXTRACT, "--home", tmp_path / "home", "--policy", asked)
    assert (said.code, words in said.words) == (2, True), said.words
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("option", "content", "words"),
    [
        ("--srf", "CII_NUMBER,SUPERVISION\n", "given.csv:1: the header lacks START_DATE, END_DATE"),
        ("--prohibitions", "COUNTY,CASE_NUMBER,DATE\nSACREMENTO,1,\n", "given.csv:2: COUNTY is none of California's"),
        ("--weights", "COURT_NUMBER,GRAMS\nA1,much\n", "given.csv:2: GRAMS is no number"),
        ("--weights", None, "given.csv: can't be read"),
    ],
)
def test_a_bad_input_file_is_refused_before_anything_is_read(
    tmp_path: Path, option: str, content: str | None, words: str
) -> None:
    given = tmp_path / "given.csv"
    if content is not None:
        given.write_text(content, "utf-8")
    said = command("run", EXTRACT, "--home", tmp_path / "home", option, given)
    assert (said.code, words in said.words) == (2, True), said.words
    assert not list((tmp_path / "home" / "runs").glob("*"))
    assert not list((tmp_path / "home" / "deliveries").glob("*"))


def test_a_setting_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("quarantine_blok = 0.5\n", "utf-8")
    said = command("run", EXTRACT, "--home", tmp_path)
    assert said.code == 2
    assert "no setting is called 'quarantine_blok'" in said.words


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "999999999999", "true"])
def test_a_setting_out_of_bounds_is_named(tmp_path: Path, value: str) -> None:
    (tmp_path / "settings.toml").write_text(f"staleness_days = {value}\n", "utf-8")
    said = command("run", EXTRACT, "--home", tmp_path)
    assert said.code == 2
    assert "staleness_days has to be a number from 0 to 10,000" in said.words


def test_settings_that_can_not_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").mkdir()
    said = command("run", EXTRACT, "--home", tmp_path)
    assert said.code == 2
    assert "settings.toml: not readable" in said.words


@pytest.mark.parametrize("name", ["que?ry", "gl*ob", "gl[ab]ob", "per%20cent", "back\\slash"])
def test_a_home_whose_path_means_something_else_is_refused(tmp_path: Path, name: str) -> None:
    said = command("run", EXTRACT, "--home", tmp_path / name)
    assert said.code == 2
    assert "stands for something else in a path; name another with --home" in said.words
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_goes_away_closes_no_gate() -> None:
    piped = f'"{SCRIPT}" inspect "{EXTRACT}" | (exec 0<&-; sleep 3); exit "${{PIPESTATUS[0]}}"'
    ended = subprocess.run(["bash", "-c", piped], capture_output=True, text=True, check=False)
    assert ended.returncode == 141
    assert "Traceback" not in ended.stderr


def test_a_number_of_days_is_whole(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("staleness_days = 45.5\n", "utf-8")
    said = command("run", EXTRACT, "--home", tmp_path)
    assert said.code == 2
    assert "staleness_days has to be a whole number" in said.words


@pytest.mark.parametrize(
    "asked",
    [
        ("redecide",),
        ("rows", "--gate", "landing.lines_add_up"),
        ("explain", "--case", "CR1"),
        ("compare", "--policy", "statute-only"),
        ("court", "status"),
        ("court", "verify"),
        ("review", "worklist"),
    ],
    ids=lambda asked: " ".join(asked[:2]),
)
def test_a_mistyped_home_is_told_and_not_made(tmp_path: Path, asked: tuple[str, ...]) -> None:
    said = command(*asked, "--home", tmp_path / "hmoe")
    assert said.code == 2
    assert "there is no home at" in said.words
    assert not (tmp_path / "hmoe").exists()


def test_a_file_that_is_not_there_leaves_nothing_behind(tmp_path: Path) -> None:
    said = command("run", EXTRACT, tmp_path / "nowhere.csv", "--home", tmp_path / "home", "--json")
    assert said.code == 2
    assert "nowhere.csv: no such file" in said.err
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("run", "nowhere.csv"), "nowhere.csv: no such file"),
        (("run", EXTRACT, DATA), "data: is a folder, not a file"),
        (("run", EXTRACT, "--srf", "nowhere.csv"), "nowhere.csv: can't be read (No such file or directory)"),
        (("run", EXTRACT, "--weights", DATA), "data: can't be read (Is a directory)"),
    ],
)
def test_a_file_that_is_not_there_is_told_before_dagster_is_loaded(
    tmp_path: Path, asked: tuple[str | Path, ...], words: str
) -> None:
    code = (
        "import sys; from pipelines import cli; sys.argv[0] = 'clearslate'; said = cli.command(); "
        "print('dagster' in sys.modules, said)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *asked, "--home", tmp_path / "home"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "False 2\n"
    assert words in done.stderr
    assert not (tmp_path / "home").exists()


def test_defaults_are_printed_before_anything_is_done(tmp_path: Path) -> None:
    said = command("redecide", "--home", tmp_path)
    assert f"as of {today().isoformat()} (today)" in said.words
    assert "Clear My Record, configurable (default settings)" in said.words
    assert "Dismiss this many years after the conviction: 5" in said.words
    assert said.code == 2
    assert "no delivery has been accepted" in said.words


def test_rows_without_a_build_say_so(tmp_path: Path) -> None:
    said = command("rows", "--gate", "landing.lines_add_up", "--home", tmp_path)
    assert said.code == 2
    assert "there is no build" in said.words


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", "utf-8")
    said = command("run", EXTRACT, "--home", tmp_path / "taken")
    assert said.code == 2
    assert "can't be written" in said.words
    assert "--home" in said.words


def test_county_names_in_any_case_and_padding_are_known() -> None:
    assert settings.check_counties(["  san-Joaquin", "LOS  ANGELES "]) == ("LOS ANGELES", "SAN JOAQUIN")


def test_the_script_is_installed_and_keeps_the_exit_codes(tmp_path: Path) -> None:
    assert process("inspect", str(EXTRACT)).code == 0
    said = process("run", str(EXTRACT), "--home", str(tmp_path / "home"), "--as-of", "never")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("error --as-of: 'never'")


# -- inspect --------------------------------------------------------------------------------------------------------------


def test_inspect_says_what_a_file_is() -> None:
    said = command("inspect", EXTRACT)
    assert said.code == 0
    assert "utf-8, comma-delimited, header, in DOJ's order" in said.words
    assert "39 lines = 1 header + 0 blank + 38 in 38 records + 0 in 0 that would be quarantined" in said.words


def test_inspect_reads_a_file_without_header() -> None:
    [facts] = command("inspect", DATA / "san_joaquin_no_header.csv", "--json").json
    assert facts["has_header"] is False
    assert facts["lines"] == {"total": 38, "header": 0, "blank": 0, "loaded": 38, "quarantined": 0}
    assert len(facts["columns"]) == 95


READABLE = sorted(path for path in BROKEN.iterdir() if path.suffix == ".dat")


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.name)
def test_inspecting_an_odd_file_accounts_for_its_lines_or_refuses_it_in_one_line(path: Path) -> None:
    said = command("inspect", path, "--json")
    if said.code == 2:
        assert said.out == ""
        assert said.err.startswith(f"error {path.name}: ")
        assert len(said.err.splitlines()) == 1
        return
    assert said.code == 0
    [facts] = said.json
    lines = facts["lines"]
    assert lines["total"] == lines["header"] + lines["blank"] + lines["loaded"] + lines["quarantined"]
    assert sum(facts["quarantined"].values()) == facts["records"]["quarantined"]
    assert all(set(problem) == {"line", "reason", "mend"} for problem in facts["problems"])


def test_inspect_tells_problems_by_line_and_how_to_mend_them() -> None:
    said = command("inspect", BROKEN / "no_person.dat")
    assert said.code == 0
    assert "no_person: " in said.words
    assert "line " in said.words


def test_several_files_are_one_json_document() -> None:
    assert [facts["file"] for facts in command("inspect", EXTRACT, EXTRACT, "--json").json] == ["input.csv"] * 2


# -- synth ----------------------------------------------------------------------------------------------------------------


def test_synth_writes_an_extract_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "extract.csv"
    said = command("synth", "--rows", "200", "--seed", "7", "--out", file, "--dirty", "0.1", "--json")
    assert said.code == 0
    assert said.json["rows"] == 200
    assert said.json["bytes"] == file.stat().st_size
    assert Path(said.json["truth"]).exists()
    assert json.loads(command("inspect", file, "--json").out)[0]["records"]["quarantined"] > 0
    assert "200 rows of" in command("synth", "--rows", "200", "--seed", "7", "--out", file).words


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_synth_that_is_stopped_leaves_nothing(tmp_path: Path, how: signal.Signals) -> None:
    asked = (
        SCRIPT,
        "synth",
        "--rows",
        "2000000",
        "--seed",
        "7",
        "--out",
        tmp_path / "a.csv",
        "--srf",
        tmp_path / "srf.csv",
        "--dirty",
        "0.1",
    )
    # Whoever runs the tests in the background may have SIGINT ignored, which a process inherits.
    with subprocess.Popen(
        asked, stderr=subprocess.PIPE, text=True, cwd=tmp_path, preexec_fn=lambda: signal.signal(how, signal.SIG_DFL)
    ) as running:
        while running.poll() is None and len(list(tmp_path.glob("*.part"))) < 3:
            time.sleep(0.01)
        running.send_signal(how)
        said = running.communicate()[1]
    assert (running.returncode, said) == (3, "error interrupted\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("said_by", [KeyboardInterrupt(), typer.Exit(130), RuntimeError("Query interrupted")])
def test_an_interruption_is_called_one(said_by: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise said_by

    monkeypatch.setattr(cli, "app", stopped)
    said = command("synth")
    assert (said.code, said.words) == (3, "error interrupted")
