"""Synthetic extracts: invented people in DOJ's own file format, for demonstrations, scale tests and tests of the gates.

Here belongs what makes such a file: the vocabulary (`data/*.csv`), the seeded draws, the text of a line and deliberate
damage. Reading a file, judging it and printing about it belong elsewhere. Nothing here comes from a real record.
"""

from clearslate.synth.generator import SynthReport, generate

__all__ = ["SynthReport", "generate"]
