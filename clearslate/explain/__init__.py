"""Explaining a determination: from the record of one person, case or conviction to words that the person concerned can read.

Belongs here: finding the candidates, asking the compiled tables how each rule came out, and saying it. Nothing is decided
here, and what comes out is a person's record: it goes to the one who asked, never to a log.
"""

from clearslate.explain.answer import Answer, explain
from clearslate.explain.find import Question

__all__ = ["Answer", "Question", "explain"]
