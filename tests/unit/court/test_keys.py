"""Keys in letters: what a person or a spreadsheet does to one is found, and Python and SQL write the same."""

import hashlib
import random
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearslate.court.keys import (
    KEY_DIGITS,
    KEY_FORM,
    VERSION_DIGITS,
    VERSION_FORM,
    encode_key,
    key_problem,
    normalize_key,
)
from clearslate.home import Home
from clearslate.keys import ActionKeyBlocks, action_key
from clearslate.letters import CHECK_LETTERS, LETTERS
from clearslate.warehouse import Engine, Stamp, Warehouse

DIGITS = [hashlib.sha256(bytes([n])).hexdigest()[:KEY_DIGITS] for n in range(40)] + ["0" * 20, "f" * 20]
KEYS = [encode_key(digits) for digits in DIGITS]


@pytest.mark.parametrize("digits", [KEY_DIGITS, VERSION_DIGITS])
def test_a_key_has_its_form_and_nothing_is_wrong_with_it(digits):
    form = KEY_FORM if digits == KEY_DIGITS else VERSION_FORM
    for key in (encode_key(one[:digits]) for one in DIGITS):
        assert re.fullmatch(form, key) and key_problem(key, digits=digits) is None


def test_no_key_reads_as_a_number_a_date_or_a_word():
    assert not set(CHECK_LETTERS) & set("AEIOUYW0123456789")


def test_what_is_no_digest_is_not_written():
    for text in ("", "0x1f", "1_0", "FF", " ff", "g"):
        with pytest.raises(ValueError, match="hex"):
            encode_key(text)


def test_every_single_wrong_letter_is_found():
    for key in KEYS:
        for place, letter in enumerate(key):
            for other in CHECK_LETTERS.replace(letter, ""):
                assert key_problem(key[:place] + other + key[place + 1 :]), (key, place, other)


def test_every_swap_of_two_neighbours_is_found():
    for key in KEYS:
        for place in range(len(key) - 1):
            swapped = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
            assert swapped == key or key_problem(swapped), (key, place)


def test_other_damage_is_mostly_found():
    chance = random.Random(7)
    missed = sum(
        key_problem("".join(chance.choices(LETTERS, k=KEY_DIGITS)) + chance.choice(CHECK_LETTERS)) is None
        for _ in range(5000)
    )
    assert missed < 5000 / 17 * 1.3


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda key: "", "blank"),
        (lambda key: key[:-1], "letters, not 21"),
        (lambda key: key + "B", "letters, not 21"),
        (lambda key: key[:10] + "É" + key[11:], "character that no key has"),
        (lambda key: "V" + key[1:], "character that no key has"),
        (lambda key: "1.23457E+19", "holds a digit"),
        (lambda key: "44562", "holds a digit"),
        (lambda key: "#NAME?", "letters, not 21"),
    ],
)
def test_words_say_what_is_wrong_and_quote_nothing(damage, words):
    text = damage(KEYS[0])
    found = key_problem(text)
    assert found and words in found
    assert not text or text not in found


@pytest.mark.parametrize("sent", ["  {}\n", "{}\u00a0", "\ufeff{}", "\u200b{}"])
def test_what_a_cell_gathers_is_taken_off(sent):
    assert [normalize_key(sent.format(key)) for key in KEYS] == KEYS


def test_a_key_read_out_in_groups_and_small_letters_is_the_same():
    for key in KEYS:
        groups = [key[n : n + 5].lower() for n in range(0, len(key), 5)]
        assert normalize_key("-".join(groups)) == normalize_key(" ".join(groups)) == key


@given(st.text(max_size=40))
def test_any_text_is_judged(text):
    found = normalize_key(text)
    assert normalize_key(found) == found
    assert key_problem(found) is None or isinstance(key_problem(found), str)


def test_sql_writes_and_judges_keys_as_python_does(tmp_path):
    stamp = Stamp("run", date(2020, 7, 1), "r", "d")
    with Warehouse.build(tmp_path / "b.duckdb", home=Home(tmp_path), stamp=stamp, engine=Engine(1, "200MB")) as db:
        for digits in (KEY_DIGITS, VERSION_DIGITS):
            wanted = [encode_key(one[:digits]) for one in DIGITS]
            sql = "select lettered(substr(unnest($digests), 1, $n))"
            assert [row[0] for row in db.rows(sql, {"digests": DIGITS, "n": digits})] == wanted
            damaged = (
                [key[1] + key[0] + key[2:] for key in wanted] + [key[:-1] for key in wanted] + ["", "XYZ", "V" * 21]
            )
            sql = "select is_lettered(unnest($keys), $n)"
            judged = [row[0] for row in db.rows(sql, {"keys": wanted + damaged, "n": digits})]
            assert judged == [key_problem(key, digits=digits) is None for key in wanted + damaged]


def test_a_fingerprint_tells_two_secrets_apart_and_gives_neither_away(tmp_path):
    one, other = ActionKeyBlocks.of(b"a" * 32), ActionKeyBlocks.of(b"b" * 32)
    assert re.fullmatch("[0-9a-f]{16}", one.fingerprint) and one.fingerprint != other.fingerprint
    home = Home(tmp_path)
    assert action_key(home).fingerprint == action_key(home).fingerprint
    assert (home.root / "keys" / "action.key").read_text().strip()[:16] != action_key(home).fingerprint
