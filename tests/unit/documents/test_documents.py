"""The papers of a batch: what stands in them, what does not, and that they are the same every time."""

import hashlib
import json
import re
import stat
from datetime import date

import pytest
import typst

from clearslate.documents import Background, BatchFacts, Filer, write_case_drafts, write_documents
from clearslate.documents import typesetter as typesetter_module
from clearslate.documents.facts import printable
from clearslate.documents.typesetter import ROWS_OF_A_PROCESS, Typesetter
from clearslate.documents.worker import TEMPLATES
from clearslate.errors import ClearslateError

NAMES = ("20_motion.pdf", "21_exhibit_public.pdf", "22_exhibit_sealed.pdf", "23_proposed_order.pdf")
HOSTILE = (
    '#panic("x")', "#{1/0}", "$ x^2 $", "\\ \\u{41} \\#", "*bold* _it_ `raw`", '"quotes" \'single\'', "<label> @ref",
    "= Heading", "// comment", "/* open", "https://example.org", "\u05e9\u05dc\u05d5\u05dd 123", "\u202e evil",
    "a\u0301 e\u0301", "\U0001f600\U0001f1fa\U0001f1f8", "W" * 2000, "a b " * 300, "{lines}", "0012", "",
)  # fmt: skip


def cells(data, template="exhibit.typ"):
    """The text of every table cell, as typst reads the template with these data."""
    compiler = typst.Compiler(
        TEMPLATES / template,
        root=TEMPLATES,
        font_paths=[],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
    )
    [table] = json.loads(compiler.query("table", field="children"))
    return [text_of(cell["body"]) for cell in table if cell["func"] == "cell"]


def text_of(content):
    if content["func"] == "text":
        return content["text"]
    if content["func"] in ("linebreak", "space"):
        return "\n"
    parts = content.get("children") or [content[key] for key in ("body", "child") if key in content]
    return "".join(text_of(part) for part in parts)


def papers(sent):
    """Motion and order among what was sent, the newest of each."""
    motion, order = (sent[title][-1] for title in sent if not title.startswith("Exhibit"))
    return motion, order


def words(data):
    """All words that a paper is given, in order."""
    return json.dumps(data, ensure_ascii=False)


def test_a_batch_has_four_papers_that_only_their_owner_may_read(tmp_path, row, facts):
    written = write_documents(tmp_path, facts(3), [row(n) for n in (1, 2, 3)])
    assert tuple(written) == NAMES == tuple(sorted(path.name for path in tmp_path.iterdir()))
    assert [file.confidential for file in written.values()] == [False, False, True, False]
    assert [file.rows for file in written.values()] == [None, 3, 3, None]
    for name, file in written.items():
        content = (tmp_path / name).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file.sha256, file.bytes)
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        assert [int(n) for n in re.findall(rb"/Type/Pages/Count (\d+)", content)] == [file.pages]


def test_pages_are_tagged_letter_pages_with_embedded_typefaces_and_no_clock(tmp_path, row, facts):
    write_documents(tmp_path, facts(1), [row(1)])
    for name in NAMES:
        content = (tmp_path / name).read_bytes()
        assert b"/MarkInfo" in content and b"/StructTreeRoot" in content and b"/Lang(en-US)" in content
        assert len(re.findall(rb"/FontFile[23]", content)) == content.count(b"/Type/FontDescriptor") > 0
        assert set(re.findall(rb"/MediaBox\[([^]]*)\]", content)) == {b"0 0 612 792"}
        assert b"CreationDate" not in content and b"ModDate" not in content and b"CreateDate" not in content
        assert b"/JavaScript" not in content and b"/URI" not in content


def test_the_same_rows_give_the_same_bytes(tmp_path, row, facts):
    rows = [row(n, case_number=f"A{n % 7}") for n in range(1, 41)]
    made = []
    for k in ("1", "2"):
        (tmp_path / k).mkdir()
        made.append(write_documents(tmp_path / k, facts(40), iter(rows), lines_per_volume=15))
    assert made[0] == made[1]


def test_only_the_sealed_exhibit_names_anybody(tmp_path, row, facts, sent):
    write_documents(tmp_path, facts(1), [row(1, subject_ref="S000077")])
    given = {title: words(data) for title, data in sent.items()}
    named = {title for title, text in given.items() if "ROE" in text or "JANE Q" in text or "1971" in text}
    assert named == {"Exhibit B"} and len(given) == 4
    assert not any("S000077" in text or "action_key" in text for text in given.values())
    [sealed] = sent["Exhibit B"]
    assert sealed["notice"] == "CONDITIONALLY UNDER SEAL"
    assert sealed["rows"] == [
        ["1", "97F00001", "1", "HS 11359", "1997-03-04", "ROE, JANE Q", "1971", "Dismiss and seal"]
    ]


def test_all_papers_tell_the_batch_and_motion_and_order_tell_every_file_of_the_exhibits(tmp_path, row, facts, sent):
    written = write_documents(tmp_path, facts(5), [row(n) for n in range(1, 6)], lines_per_volume=2)
    exhibits = [name for name in written if "exhibit" in name]
    assert exhibits == [f"{stem}_v0{n}.pdf" for stem in ("21_exhibit_public", "22_exhibit_sealed") for n in (1, 2, 3)]
    assert [written[name].rows for name in exhibits] == [2, 2, 1] * 2
    for data in (data for given in sent.values() for data in given):
        told = words(data["identification"])
        assert "CRR-34-P64-000001" in told and "3f" * 32 in told and "ab" * 32 in told
        assert "lines 1 to 5" in told and "11_relief_cases.csv" in told and "c5" * 32 in told
        assert "Records through June 15, 2020; rules as of July 1, 2020" in told
    for data in papers(sent):
        assert [(name, sha) for name, _, _, sha in data["volumes"]] == [(n, written[n].sha256) for n in exhibits]
        assert [lines for _, lines, _, _ in data["volumes"]] == ["1 to 2", "3 to 4", "5 to 5"] * 2
    assert [data["volume"] for data in sent["Exhibit A"]] == ["Volume 1 of 3", "Volume 2 of 3", "Volume 3 of 3"]


def test_what_is_asked_is_counted_and_ordered_by_action(tmp_path, row, facts, sent):
    rows = [
        row(1),
        row(2, action_code="REDESIGNATE", offense_level_after="M"),
        row(3, action_code="REDESIGNATE", offense_level_after="M", legal_basis="county_policy", subject_ref="S000002"),
        row(4, action_code="CHALLENGE", offense_level_after="M", da_position="CHALLENGE", legal_basis="county_policy"),
    ]
    write_documents(tmp_path, facts(4), rows)
    motion, order = papers(sent)
    assert [(action, lines) for action, _, lines in motion["actions"]] == [
        ("Dismiss and seal", "1"), ("To misdemeanor", "2"), ("Challenged", "1"), ("All", "4"),
    ]  # fmt: skip
    assert sent["Exhibit A"][0]["rows"] == [
        ["1", "97F00001", "1", "HS 11359", "Dismiss and seal"],
        ["2", "97F00002", "1", "HS 11359", "To misdemeanor"],
        ["3", "97F00003", "1", "HS 11359", "To misdemeanor †"],
        ["4", "97F00004", "1", "HS 11359", "Challenged"],
    ]
    assert "cases: 4; persons: 3" in words(motion) and "dagger (1 in all)" in words(motion)
    assert "“Challenged” (1 in all)" in words(motion) and "“Challenged” (1 in all)" in words(order)
    assert len(order["orders"]) == 2 and "infraction" not in words(order["orders"])


def test_a_paragraph_stands_only_where_its_fact_holds(tmp_path, row, facts, sent):
    write_documents(tmp_path, facts(1), [row(1)])
    plain = words(papers(sent)[0]["body"])
    assert "on no line of this list" in plain and "dagger" not in plain and "DRAFT" not in plain
    (tmp_path / "t").mkdir()
    write_documents(tmp_path / "t", facts(1, is_test=True), [row(1, da_position="DEFER")])
    assert "lines undecided: 1" in words(papers(sent)[0]["body"])
    assert all([data["is_test"] for data in given] == [False, True] for given in sent.values())


def body(data):
    """The texts of a paper's body, in order."""
    return [item["text"] for item in data["body"]]


def test_a_delivery_that_states_no_day_is_told_so(tmp_path, row, facts, sent):
    write_documents(tmp_path, facts(1), [row(1)])
    assert "Records through June 15, 2020; rules as of July 1, 2020." in body(papers(sent)[0])
    (tmp_path / "t").mkdir()
    write_documents(tmp_path / "t", facts(1, data_through=None), [row(1)])
    told = words(papers(sent)[0])
    assert "does not state the day through which they speak; rules as of July 1, 2020." in told
    assert "Records through a day that the delivery does not state; rules as of July 1, 2020" in told
    assert all("as they stood" not in words(data) for given in sent.values() for data in given)


def test_the_declaration_says_what_was_decided_and_what_goes_by_standing_policy(tmp_path, row, facts, sent):
    write_documents(tmp_path, facts(3), [row(n) for n in (1, 2, 3)])
    texts = body(papers(sent)[0])
    assert "The agency has reviewed the list and decided on each line whether to challenge the relief." in texts
    assert "standing policy" not in words(texts)
    (tmp_path / "t").mkdir()
    background = Background(by_standing_policy=2)
    write_documents(tmp_path / "t", facts(3, background=background), [row(n) for n in (1, 2, 3)])
    told = body(papers(sent)[0])
    assert "reviewed the list and decided" not in words(told)
    [said] = [text for text in told if "standing policy" in text]
    assert said.startswith("On 2 of the 3 lines the agency has made no decision") and "(1 in all)" in said
    for given in (texts, told):
        assert given[given.index("declarant_signature") - 1].endswith("that the foregoing is true and correct.")


def test_the_finding_on_sealing_has_the_words_of_the_rule(tmp_path, row, facts, sent):
    write_documents(tmp_path, facts(1), [row(1)])
    assert (
        "(1) there exists an overriding interest that overcomes the right of public access to the record; (2) the "
        "overriding interest supports sealing the record; (3) a substantial probability exists that the overriding interest "
        "will be prejudiced if the record is not sealed; (4) the proposed sealing is narrowly tailored; and (5) no less "
        "restrictive means exist to achieve the overriding interest. Exhibit B joins"
    ) in words(papers(sent)[1])


@pytest.mark.parametrize(
    ("challenged", "where"),
    [
        ([2], "line 2."),
        ([1, 3], "lines 1 and 3."),
        (list(range(2, 22)), "lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 and 21."),
        (list(range(2, 23)), "between line 2 and line 22, each so marked in Exhibit A."),
    ],
)
def test_motion_and_order_say_alike_that_challenged_lines_are_not_granted(
    tmp_path, row, facts, sent, challenged, where
):
    asks = {True: {"action_code": "CHALLENGE", "da_position": "CHALLENGE"}, False: {}}
    write_documents(tmp_path, facts(23), [row(n, **asks[n in challenged]) for n in range(1, 24)])
    motion, order = papers(sent)
    assert "all others, except those marked “Challenged”, are granted." in words(motion)
    assert "all others are granted" not in words(motion)
    assert f"the lines marked “Challenged” ({len(challenged)} in all): {where}" in words(order)
    assert "relief is asked" not in sent["Exhibit A"][0]["subtitle"]


def test_without_a_challenge_all_others_are_granted(tmp_path, row, facts, sent):
    write_documents(tmp_path, facts(1), [row(1)])
    motion, order = papers(sent)
    assert "all others are granted." in words(motion) and "Challenged" not in words([body(motion), body(order)])


def test_the_motion_says_what_the_records_show_of_the_sentences(tmp_path, row, facts, sent):
    write_documents(tmp_path, facts(2), [row(1), row(2)])
    told = words(body(papers(sent)[0]))
    assert "Relief is asked on 2 lines. On 2 of them" in told and "FOR COUNSEL" not in told
    (tmp_path / "t").mkdir()
    paths = ("completed", "serving", "serving", "unknown", "serving")
    rows = [row(number, sentence_path=path) for number, path in enumerate(paths, start=1)]
    rows[4]["action_code"] = "CHALLENGE"
    write_documents(tmp_path / "t", facts(5), rows)
    told = words(body(papers(sent)[0]))
    assert "Relief is asked on 4 lines. On 1 of them" in told
    assert "On 2 of them (marked ‡) these records show a sentence still being served, and on 1 (marked ¶) they" in told


def test_exhibits_and_drafts_mark_each_line_whose_sentence_is_not_shown_to_be_completed(tmp_path, row, facts, sent):
    rows = [row(1), row(2, sentence_path="serving", legal_basis="county_policy"), row(3, sentence_path="unknown")]
    rows.append(row(4, sentence_path="serving", action_code="CHALLENGE"))
    write_documents(tmp_path, facts(4), rows)
    marked = ["Dismiss and seal", "Dismiss and seal † ‡", "Dismiss and seal ¶", "Challenged"]
    for exhibit in ("Exhibit A", "Exhibit B"):
        [volume] = sent[exhibit]
        assert [cells[-1] for cells in volume["rows"]] == marked
        assert [note[0] for note in volume["notes"] if note[0] in "†‡¶"] == ["†", "‡", "¶"]
    write_case_drafts(tmp_path, facts(4), rows)
    drafts = sent["Application to dismiss and seal, or to redesignate, cannabis convictions"]
    assert [[note[0] for note in draft["notes"]] for draft in drafts] == [[], ["†", "‡"], ["¶"]]


def test_late_challenges_are_told(tmp_path, row, facts, sent):
    rows = [row(1), row(2, action_code="CHALLENGE"), row(3, action_code="CHALLENGE")]
    write_documents(tmp_path, facts(3, background=Background()), rows)
    assert "was entered after" not in words(papers(sent)[0])
    (tmp_path / "t").mkdir()
    late = Background(late=1, told_by=(date(2020, 7, 1),))
    write_documents(tmp_path / "t", facts(3, background=late), rows)
    assert "On 1 of these lines the challenge was entered after July 1, 2020, the day" in words(papers(sent)[0])


def test_the_sealed_exhibit_says_what_a_blank_means(tmp_path, row, facts, sent):
    write_documents(tmp_path, facts(1), [row(1, disposition_date="")])
    assert "blank: not exactly known" in words(sent["Exhibit B"][0]["notes"])
    assert "blank" not in words(sent["Exhibit A"][0]["notes"])


def test_nothing_in_a_cell_gets_out_of_it(tmp_path, row, facts, sent):
    rows = [
        row(n, case_number=text, name_last=text, name_first=text, statute_section=text, birth_year="")
        for n, text in enumerate(HOSTILE, start=1)
    ]
    filer = Filer(agency=HOSTILE[0], attorney=HOSTILE[4], address=(HOSTILE[2], HOSTILE[11]), email="#x@y.z")
    write_documents(tmp_path, facts(len(rows), filer=filer, court_name='#panic("court"), $COUNTY$'), rows)
    for data in (sent["Exhibit A"][0], sent["Exhibit B"][0]):
        shown = cells(data)
        assert shown == [cell for line in data["rows"] for cell in line]
        assert len(shown) == len(HOSTILE) * len(data["columns"])
    public = [line[1].replace("\n", "") for line in sent["Exhibit A"][0]["rows"]]
    assert public == [printable(text) for text in HOSTILE]


def test_what_the_typefaces_lack_is_shown_by_its_code():
    assert printable("O'NEIL-PEÑA, Жук Ωμγα") == "O'NEIL-PEÑA, Жук Ωμγα"
    assert printable("n\u0303 \u202e\u05d0\u200b\U0001f600\ufffd") == "ñ [U+202E][U+05D0][U+200B][U+1F600][U+FFFD]"


def test_all_that_is_taken_for_printable_is_in_the_typefaces():
    """PDF/UA refuses a character without a glyph."""
    shown = "".join(chr(n) for n in range(0x20, 0x3000) if printable(chr(n)) == chr(n))
    assert len(shown) > 450
    for face in ("Libertinus Serif", "DejaVu Sans Mono"):
        source = f'#set document(title: "x")\n#set text(font: "{face}", fallback: false)\n#sys.inputs.shown'
        typst.compile(
            source.encode(), format="pdf", ignore_system_fonts=True, sys_inputs={"shown": shown}, pdf_standards="ua-1"
        )


def test_a_long_number_is_broken_behind_a_hyphen_and_a_new_number_stands_first(tmp_path, row, facts, sent):
    rows = [row(1, case_number="MUNI-" + "7" * 30), row(2, case_number="20CR5", original_case_number="A-1")]
    write_documents(tmp_path, facts(2), rows)
    assert [line[1] for line in sent["Exhibit B"][0]["rows"]] == [f"MUNI-\n{'7' * 22}\n{'7' * 8}", "20CR5\nDOJ: A-1"]


@pytest.mark.parametrize(
    ("lines", "n_lines", "says"),
    [
        ([1, 3], 2, "line 2 of the list is missing"),
        ([2], 1, "line 1 of the list is missing"),
        ([1, 2], 3, "has 2 lines, its batch states 3"),
        ([], 0, "has 0 lines"),
    ],
)
def test_a_list_with_a_gap_has_no_papers(tmp_path, row, facts, lines, n_lines, says):
    with pytest.raises(ClearslateError, match=says):
        write_documents(tmp_path, facts(n_lines), [row(n) for n in lines])
    assert not (tmp_path / "20_motion.pdf").exists()


@pytest.mark.parametrize(
    "cells",
    [
        {"action_code": "REVERSE"},
        {"action_code": "REDESIGNATE", "offense_level_after": ""},
        {"action_code": "DISMISS_SEAL", "offense_level_after": "M"},
    ],
)
def test_an_action_without_words_is_refused(tmp_path, row, facts, cells):
    with pytest.raises(ClearslateError, match="no words for the action of line 1"):
        write_documents(tmp_path, facts(1), [row(1, **cells)])


def test_a_program_without_a_motion_is_refused(tmp_path, row, facts):
    with pytest.raises(ClearslateError, match="P47"):
        write_documents(tmp_path, facts(1, program="P47"), [row(1)])


def test_each_case_of_a_person_has_its_draft(tmp_path, row, facts, sent):
    same = {"case_number": "97F1", "subject_ref": "S000001"}
    rows = [
        row(1, **same),
        row(2, case_number="97-F-1", subject_ref="S000002", name_last="POE"),
        row(3, **same, count_no="2", action_code="CHALLENGE"),
        row(4, action_code="CHALLENGE"),
        row(5),
    ]
    written = write_case_drafts(tmp_path, facts(5), rows)
    assert list(written) == ["case_000001.pdf", "case_000002.pdf", "case_000005.pdf"]
    assert [file.rows for file in written.values()] == [2, 1, 1]
    assert all(file.confidential and file.pages == 1 for file in written.values())
    [(first, *_)] = sent.values()
    assert first["name"] == "ROE, JANE Q" and first["words"]["notice"] == "DRAFT"
    assert "CR-400" in first["words"]["forms"] and "CR-403" in first["words"]["forms"]
    assert [line[-1] for line in first["rows"]] == ["Dismiss and seal", "Challenged"]


def test_a_process_is_not_used_again_once_it_has_set_much(facts, row, tmp_path, monkeypatch):
    started = []
    popen = typesetter_module.subprocess.Popen
    monkeypatch.setattr(
        typesetter_module.subprocess, "Popen", lambda *args, **kw: started.append(popen(*args, **kw)) or started[-1]
    )
    monkeypatch.setattr(typesetter_module, "ROWS_OF_A_PROCESS", 3)
    write_documents(tmp_path, facts(4), [row(n) for n in range(1, 5)], lines_per_volume=2)
    assert len(started) == 5 and all(process.poll() == 0 for process in started)
    assert ROWS_OF_A_PROCESS > 1000


def test_a_fault_is_told_without_words_of_the_document():
    with Typesetter() as setter, pytest.raises(ClearslateError) as told:
        setter.set("exhibit.typ", {"rows": [["ROE, JANE Q"]]})
    assert "ROE" not in str(told.value) and "exhibit.typ" in str(told.value)
    assert told.value.__cause__ is None


def test_a_process_that_dies_is_told(monkeypatch, tmp_path):
    broken = tmp_path / "worker.py"
    broken.write_text("raise SystemExit(3)", "utf-8")
    monkeypatch.setattr(typesetter_module, "WORKER", broken)
    with Typesetter() as setter, pytest.raises(ClearslateError, match="process ended"):
        setter.set("exhibit.typ", {})


def test_facts_have_no_attempt():
    """A batch sent again has the same bytes."""
    assert not {"attempt", "run_id"} & set(BatchFacts.__dataclass_fields__)
