"""Records that could not be loaded: why, how to mend them, and whose they are as far as that can be read.

Deciding that a record is damaged is the business of `records` (its form) and `parse` (its person).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from clearslate.extract.columns import NULL_TOKENS, WIDTH


class Reason(StrEnum):
    """Why a record is in quarantine. The codes are fixed: gates and documents use them."""

    FIELD_COUNT = "field_count"
    QUOTE = "quote"
    UNTERMINATED_QUOTE = "unterminated_quote"
    NUL = "nul"
    ENCODING = "encoding"
    NO_PERSON = "no_person"


MENDS = {
    Reason.FIELD_COUNT: f"does not have {WIDTH} fields: quote the field that holds a delimiter or a line break, "
    "or add the one that is missing",
    Reason.QUOTE: "a quote stands inside a field: double it and quote the whole field, or take it out",
    Reason.UNTERMINATED_QUOTE: "a quoted field begins here and no complete record closes it within 20 lines: "
    "close the quote, or take it out",
    Reason.NUL: "holds NUL bytes: the file was damaged in storage or transfer; export it again",
    Reason.ENCODING: "holds bytes that are not valid in the file's encoding: export the file in one encoding",
    Reason.NO_PERSON: "SUBJECT_ID, CII_NUMBER and REQ_CII_NUMBER are all blank: export the record with its person",
}

QUARANTINE_SCHEMA = pa.schema(
    [
        pa.field(name, kind, nullable=False)
        for name, kind in (
            ("file_no", pa.int32()),
            ("file_name", pa.string()),
            ("line_first", pa.int64()),
            ("line_last", pa.int64()),
            ("reason", pa.string()),
            ("text", pa.string()),
            ("mend", pa.string()),
            ("subject_id", pa.string()),
            ("cii", pa.string()),
        )
    ]
)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One record in quarantine. Lines count from 1 in its file, both ends included; blank ids were not legible."""

    line_first: int
    line_last: int
    reason: Reason
    text: str
    subject_id: str
    cii: str

    @property
    def mend(self) -> str:
        return MENDS[self.reason]


def readable(raw: bytes) -> str:
    """The text of a damaged record, with replacement characters for NULs and for what cannot be decoded."""
    return raw.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


# --- whose record it is ---------------------------------------------------------------------------------------------

_DAY = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_SUBJECT_ID = re.compile(rf"(?!{_DAY}$)(?=.*\d)[0-9A-Za-z]{{1,12}}")
_CII = re.compile(rf"(?!{_DAY}$)[A-Za-z]?\d{{7,10}}")
_DATE = re.compile(r"(?:19|20)\d{2}[0-9A-Z]{4}")
_LETTERS = re.compile(r"[^\W\d]{2}")


@dataclass(frozen=True, slots=True)
class Person:
    """The ids of a damaged record; blank where illegible."""

    subject_id: str = ""
    cii: str = ""


def person_of_whole(fields: Sequence[str], columns: Sequence[str]) -> Person:
    """The ids of a record of 95 fields that is damaged only in what some field holds."""
    at = dict(zip(columns, fields, strict=False))
    ids = [at[name].strip() for name in ("SUBJECT_ID", "CII_NUMBER", "REQ_CII_NUMBER")]
    subject_id, cii, req_cii = ("" if _is_illegible(value) else value for value in ids)
    return Person(subject_id, cii or req_cii)


def _is_illegible(value: str) -> bool:
    return value.upper() in NULL_TOKENS or not value.isprintable() or "\N{REPLACEMENT CHARACTER}" in value


def person_of_damaged(fields: Sequence[str], columns: Sequence[str]) -> Person:
    """The ids at their positions in a record whose fields may be shifted, blank unless the neighbours agree.

    A wrong id would leave the hole in somebody else's history, so the fields around the ids must look like what belongs
    there: separators, dates, a name. The last field of a short record may be cut and proves nothing. A record that is
    not within one field of 95 may even be the tail of another, or shifted from the request's identifiers to the
    subject's, which are laid out alike: there the subject's name or birth date must positively stand in its place.
    """
    whole_enough = abs(len(fields) - WIDTH) <= 1
    kept = fields if len(fields) >= WIDTH else fields[:-1]
    at = {name: value.strip() for name, value in zip(columns, kept, strict=False)}

    def fits(name: str, pattern: re.Pattern[str]) -> bool | None:
        """True: looks like it. None: empty or a filler, which says nothing. False: something else stands there."""
        value = at.get(name, "")
        return None if len(value) <= 1 or value.upper() in NULL_TOKENS else pattern.fullmatch(value) is not None

    name = at.get("PRI_NAME", "")
    identity = [None if len(name) <= 1 else _LETTERS.search(name) is not None, fits("PRI_DOB", _DATE)]
    numbers = [fits("REQ_CII_NUMBER", _CII), fits("CII_NUMBER", _CII), fits("REQ_DOB", _DATE)]
    separators = [at[column] for column in ("REQ_SEG_SEP", "PII_SEG_SEP") if column in at]
    shifted = any(len(value) > 1 for value in separators) or False in identity + numbers
    if shifted or not separators or not (whole_enough or True in identity):
        return Person()
    subject_id, cii, req_cii = (at.get(column, "") for column in ("SUBJECT_ID", "CII_NUMBER", "REQ_CII_NUMBER"))
    if subject_id.upper() in NULL_TOKENS or not _SUBJECT_ID.fullmatch(subject_id):
        subject_id = ""
    return Person(subject_id, next((value for value in (cii, req_cii) if _CII.fullmatch(value)), ""))
