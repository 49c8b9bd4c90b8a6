"""The record machine: quotes, lines, damage, and whose a damaged record is."""

import runpy
from pathlib import Path

import pytest

from clearslate.errors import DeliveryRefused
from clearslate.extract.columns import COLUMN_DESCRIPTIONS, DOJ_COLUMNS
from clearslate.extract.lines import LineCount, Lines, with_last
from clearslate.extract.quarantine import Person, Reason, person_of_damaged, person_of_whole
from clearslate.extract.records import Kind, RecordMachine, Verdict

MAKE = runpy.run_path(str(Path(__file__).parents[1] / "data" / "broken" / "make.py"))
fields, row = MAKE["fields"], MAKE["row"]


def read(
    text: str | bytes, *, line: int = 0, delimiter: bytes = b",", trailing: bool = False, eof: bool = True
) -> Verdict:
    data = text.encode() if isinstance(text, str) else text
    machine = RecordMachine(delimiter, trailing_field=trailing, file_name="export.dat")
    verdict = machine.read(Lines.of(data, at_eof=eof), line)
    assert verdict is not None
    return verdict


def damage(text: str | bytes, **how: bool) -> tuple[Reason | None, int]:
    verdict = read(text, **how)
    return verdict.reason, verdict.lines


def with_comment(raw: str, number: int = 0) -> str:
    """A record whose COMMENT_TEXT stands there as given, quotes and all."""
    return row(number).removesuffix(",#") + raw + ",#"


def test_there_are_95_described_columns() -> None:
    assert len(DOJ_COLUMNS) == 95
    assert (DOJ_COLUMNS[0], DOJ_COLUMNS[2], DOJ_COLUMNS[94]) == ("RECORD_ID", "SUBJECT_ID", "END_OF_REC")
    assert list(DOJ_COLUMNS) == MAKE["NAMES"]
    assert all(COLUMN_DESCRIPTIONS.values())


def test_a_record_gives_its_fields_as_sent() -> None:
    values = fields(1, comment_text='SAID "NO", LEFT', ofn="  NULL ")
    verdict = read(row(1, comment_text='SAID "NO", LEFT', ofn="  NULL ") + "\r\n")
    assert [field.decode() for field in verdict.fields] == values
    assert verdict.kind is Kind.RECORD


@pytest.mark.parametrize("delimiter", [",", "~", "|", "\t"])
def test_quoting_is_the_same_for_every_delimiter(delimiter: str) -> None:
    text = row(1, delimiter=delimiter, comment_text=f'A{delimiter}B "C"')
    assert read(text, delimiter=delimiter.encode()).fields[93].decode() == f'A{delimiter}B "C"'
    assert read(text.replace("HUGO", 'HU"GO') + "\n", delimiter=delimiter.encode()).reason is Reason.QUOTE


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ('""', None),
        ('"A ""B"" C"', None),
        ('""""', None),
        ('KNIFE 6"', Reason.QUOTE),
        ('6" KNIFE', Reason.QUOTE),
        (' "A"', Reason.QUOTE),
        ('"A" B', Reason.QUOTE),
        ('"A"B"', Reason.QUOTE),
        ('"A', Reason.UNTERMINATED_QUOTE),
        ('"A""', Reason.UNTERMINATED_QUOTE),
        ('"', Reason.UNTERMINATED_QUOTE),
        ("A,B", Reason.FIELD_COUNT),
        ("A\0B", Reason.NUL),
    ],
)
def test_quote_rule(raw: str, reason: Reason | None) -> None:
    assert damage(with_comment(raw) + "\n" + row(1) + "\n") == (reason, 1)


def test_nul_and_encoding_come_before_what_they_cause() -> None:
    assert damage("\0" * 50 + "\n") == (Reason.NUL, 1)
    assert damage(row(1).encode().replace(b"HERON", b"HER\xff,N") + b"\n") == (Reason.ENCODING, 1)


@pytest.mark.parametrize(("lines", "taken"), [(2, 2), (19, 19), (20, 20), (21, 1), (40, 1)])
def test_a_record_may_take_20_lines(lines: int, taken: int) -> None:
    text = with_comment('"' + "\n".join(["A"] * lines) + '"') + "\n"
    verdict = read(text)
    assert verdict.lines == taken
    assert verdict.reason is (None if taken > 1 else Reason.UNTERMINATED_QUOTE)


def test_line_breaks_in_a_field_are_kept_as_sent() -> None:
    assert read(with_comment('"A\r\nB\rC\n"') + "\r\n").fields[93] == b"A\r\nB\rC\n"


def test_where_a_quoted_field_closes_over_too_much_only_its_first_line_is_damaged() -> None:
    text = with_comment('"A') + "\n" + with_comment('"B"') + "\n" + row(2) + "\n"
    assert damage(text) == (Reason.UNTERMINATED_QUOTE, 1)
    assert read(text, line=1).kind is Kind.RECORD


def test_two_stray_quotes_in_one_column_do_not_swallow_a_record() -> None:
    text = with_comment('"SEE FILE', 1) + "\n" + row(2) + "\n" + with_comment('KNIFE 6"', 3) + "\n"
    assert damage(text) == (Reason.UNTERMINATED_QUOTE, 1)
    assert read(text, line=1).kind is Kind.RECORD
    assert read(text, line=2).reason is Reason.QUOTE


def test_more_lines_are_asked_for_only_while_they_could_help() -> None:
    machine = RecordMachine(b",", trailing_field=False, file_name="export.dat")
    begun = with_comment('"A') + "\n" + "B\n" * 18
    assert machine.read(Lines.of(begun.encode()), 0) is None
    assert machine.read(Lines.of((begun + "B\n").encode()), 0) is not None


@pytest.mark.parametrize("blank", ["", "  ", "\r", "   \r"])
def test_blank_lines(blank: str) -> None:
    assert read(blank + "\n" + row(1)).kind is Kind.BLANK


def test_a_96th_field_must_be_allowed_and_empty() -> None:
    assert read(row(1) + ",\n", trailing=True).kind is Kind.RECORD
    assert len(read(row(1) + ",\n", trailing=True).fields) == 95
    assert damage(row(1) + ",\n") == (Reason.FIELD_COUNT, 1)
    assert damage(row(1) + ",x\n", trailing=True) == (Reason.FIELD_COUNT, 1)


@pytest.mark.parametrize("cut", [row(1)[:-2], row(1)[:40], with_comment('"A'), "x"])
def test_a_last_line_that_is_incomplete_and_has_no_line_end_is_a_cut_file(cut: str) -> None:
    with pytest.raises(DeliveryRefused, match=r"export.dat: ends inside a record at line 2:"):
        read(row(0) + "\n" + cut, line=1)
    assert read(row(0) + "\n" + cut + "\n", line=1).kind is Kind.DAMAGED


def test_a_last_line_that_is_complete_needs_no_line_end() -> None:
    assert read(row(1)).kind is Kind.RECORD
    assert damage(row(1) + ",x") == (Reason.FIELD_COUNT, 1)


def test_lines_are_counted_by_their_ends() -> None:
    for text, total in ((b"", 0), (b"a", 1), (b"a\n", 1), (b"a\r\n\nb", 3), (b"\n\n", 2), (b"a\rb", 1)):
        count = LineCount()
        for i in range(len(text)):
            count.feed(text[i : i + 1])
        assert (count.total, len(Lines.of(text))) == (total, total)


def test_the_last_block_is_told_apart() -> None:
    assert list(with_last([])) == [(b"", True)]
    assert list(with_last([b"a", b"b"])) == [(b"a", False), (b"b", True)]


# --- whose record ---------------------------------------------------------------------------------------------------

WHOSE = Person("10000002", "A10000002")
NOBODY = Person()


def test_ids_are_read_where_the_neighbours_agree() -> None:
    good = fields(1)
    assert person_of_damaged(good[:-1], DOJ_COLUMNS) == WHOSE
    assert person_of_damaged([*good, "x"], DOJ_COLUMNS) == WHOSE
    assert person_of_damaged(good[:40], DOJ_COLUMNS) == WHOSE
    assert person_of_damaged(fields(1, cii_number=""), DOJ_COLUMNS) == WHOSE
    assert person_of_damaged(fields(1, subject_id="NULL"), DOJ_COLUMNS) == Person("", "A10000002")
    assert person_of_damaged([*good[:13], "JR", *good[13:]], DOJ_COLUMNS) == WHOSE


@pytest.mark.parametrize("shift", range(1, 15))
def test_a_shifted_record_names_nobody(shift: int) -> None:
    good = fields(1, req_ssn="123456789", sent_length="90", sent_time_code="D")
    assert person_of_damaged(good[shift:], DOJ_COLUMNS) == NOBODY
    assert person_of_damaged([""] * shift + good, DOJ_COLUMNS) == NOBODY


@pytest.mark.parametrize("start", range(1, 93))
def test_the_tail_of_a_record_names_nobody(start: int) -> None:
    sample = (Path(__file__).parents[1] / "data" / "sacramento_example" / "input.csv").read_text().splitlines()[1]
    machine = RecordMachine(b",", trailing_field=False, file_name="export.dat")
    assert person_of_damaged(machine.lenient_fields(sample)[start:], DOJ_COLUMNS) == NOBODY


@pytest.mark.parametrize("kept", range(1, 20))
def test_a_record_cut_before_its_name_is_whole_names_nobody(kept: int) -> None:
    assert person_of_damaged(fields(1)[:kept], DOJ_COLUMNS) == (WHOSE if kept > 13 else NOBODY)


def test_a_whole_record_gives_what_its_undamaged_ids_say() -> None:
    assert person_of_whole(fields(1, subject_id=" 7-A "), DOJ_COLUMNS) == Person("7-A", "A10000002")
    assert person_of_whole(fields(1, subject_id="7\N{REPLACEMENT CHARACTER}"), DOJ_COLUMNS) == Person("", "A10000002")
    assert person_of_whole(fields(1, cii_number="null", req_cii_number="B2"), DOJ_COLUMNS) == Person("10000002", "B2")


def test_ids_go_by_name_where_the_columns_do() -> None:
    assert person_of_damaged(fields(1)[::-1][1:], DOJ_COLUMNS[::-1]) == NOBODY
    assert person_of_damaged([*fields(1)[::-1], "x"], DOJ_COLUMNS[::-1]) == WHOSE
