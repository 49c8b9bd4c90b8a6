"""Names and days as lists write them."""

from datetime import date

import pytest

from clearslate.reconcile.people import Name, join_name, read_day, read_name

TODAY = date(2020, 7, 1)


@pytest.mark.parametrize(
    ("text", "order", "name"),
    [
        ("DOE,JANE A", "last_first", Name("DOE", "JANE", "A")),
        ("Doe, Jane Ann Marie", "first_last", Name("DOE", "JANE", "ANN MARIE")),
        ("Jane A Doe", "first_last", Name("DOE", "JANE", "A")),
        ("DOE JANE A", "last_first", Name("DOE", "JANE", "A")),
        ("Núñez-O'Neil, José Jr.", "last_first", Name("NUNEZ ONEIL", "JOSE", "")),
        ("DE LA CRUZ, MARIA III", "last_first", Name("DE LA CRUZ", "MARIA", "")),
        ("DOE", "last_first", Name("DOE", "", "")),
        ("", "last_first", Name()),
        ("123", "last_first", Name()),
        ("SR, JR", "last_first", Name("SR", "JR", "")),
    ],
)
def test_a_name_is_taken_apart(text: str, order: str, name: Name) -> None:
    assert read_name(text, order) == name


def test_columns_make_the_same_name() -> None:
    assert join_name("Doe Jr", "Jane Ann", "M.") == Name("DOE", "JANE", "ANN M")
    assert join_name("Doe", "Jane") == read_name("Doe, Jane")


@pytest.mark.parametrize(
    ("text", "forms", "day"),
    [
        ("1971-03-04", (), date(1971, 3, 4)),
        ("3/4/1971", (), date(1971, 3, 4)),
        ("4.3.1971", ("%d.%m.%Y",), date(1971, 3, 4)),
        ("03/04/71", ("%m/%d/%y",), date(1971, 3, 4)),
        ("03/04/21", ("%m/%d/%y",), date(1921, 3, 4)),
        ("02/29/24", ("%m/%d/%y",), date(1924, 2, 29)),
        ("03/04/71", (), None),
        ("unknown", ("%m/%d/%y",), None),
        ("13/13/1971", (), None),
    ],
)
def test_a_day_is_read_or_is_none(text: str, forms: tuple[str, ...], day: date | None) -> None:
    assert read_day(text, forms, not_after=TODAY) == day
