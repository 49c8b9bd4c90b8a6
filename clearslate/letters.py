"""How keys are written that people pass on: letters that no spreadsheet reads as a number, a date or a word.

Belongs here: the letters, and writing a digest in them, in Python and in SQL. Does not belong here: reading back what was
typed or came out of a spreadsheet (court/keys.py), what a key is a digest of (sql/), the secret (keys.py).

A key is letters of sixteen (no vowel, so no word; no digit, so no number or date), the hex digits 0 to f of a digest in
that order, and a check letter: the number that the digits make, modulo 17, in the same letters and V. Because 16 is -1
modulo 17 that finds every single wrong letter and every swap of neighbours; of other damage it misses one in 17.
"""

import re

LETTERS = "BCDFGHJKLMNPQRST"
CHECK_LETTERS = LETTERS + "V"

LETTERS_MACROS = f"""
create or replace macro lettered(digits) as
    translate(digits, '0123456789abcdef', '{LETTERS}')
    || substr('{CHECK_LETTERS}', 1 + cast(cast('0x' || digits as hugeint) % {len(CHECK_LETTERS)} as integer), 1);
create or replace macro is_lettered(letters, n) as
    case
        when not regexp_matches(letters, '^[{LETTERS}]+[{CHECK_LETTERS}]$') or length(letters) <> n + 1 then false
        else lettered(translate(substr(letters, 1, n), '{LETTERS}', '0123456789abcdef')) = letters
    end
"""
"""`lettered(digits)`: at most 31 hex digits in lower case, as `encode_key` writes them. `is_lettered(letters, n)`: whether
that made them of n digits."""

_TO_LETTERS = str.maketrans("0123456789abcdef", LETTERS)


def encode_key(digits: str) -> str:
    """Hex digits in lower case, at least one, as letters with their check letter. Raises ValueError for anything else."""
    if not re.fullmatch("[0-9a-f]+", digits):
        raise ValueError("not hex digits in lower case")
    return digits.translate(_TO_LETTERS) + CHECK_LETTERS[int(digits, 16) % len(CHECK_LETTERS)]
