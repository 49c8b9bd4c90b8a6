"""The demo, small: the whole story with a release made by hand; ledger and court's books agree after every stage."""

import io

import pytest
from rich.console import Console

from tests.court_demo.agreement import Disagreement
from tests.court_demo.source import ByHand
from tests.court_demo.story import Story


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("demo")
    story = Story(ByHand(folder, 330), folder / "court", Console(file=io.StringIO(), width=100))
    story.tell()
    return story


def test_every_line_is_closed_or_explained_and_the_books_agree(told: Story) -> None:
    printed = told.out.file.getvalue()  # type: ignore[attr-defined]
    assert "how each line ended" in printed


def test_a_difference_is_not_passed_over(told: Story) -> None:
    with told.court.books as books:
        books.execute(
            "update lines set state = 'received' where item = (select min(item) from lines where state = 'reported')"
        )
    with pytest.raises(Disagreement, match="1 differences"):
        told.agree("after the court has lost a page")
