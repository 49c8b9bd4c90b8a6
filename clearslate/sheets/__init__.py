"""Tables as people send them back: CSV and XLSX, read warily and written so that a spreadsheet does no harm.

Belongs here: turning a file into named text cells with the row numbers that a person sees, refusing what is damaged or
dangerous, and writing workbooks with the same bytes for the same rows. Does not belong here: what any column means.

What comes back has been through Excel or LibreOffice: encodings, separators, number and date formats are theirs. A
refusal names file, row and column letter, never what a cell says: a cell may hold a name.
"""

from clearslate.sheets.cells import MAX_CELL, column_letter, read_date
from clearslate.sheets.read import Sheet, read_sheets, read_table
from clearslate.sheets.write import Guide, XlsxTable, write_xlsx

__all__ = [
    "MAX_CELL",
    "Guide",
    "Sheet",
    "XlsxTable",
    "column_letter",
    "read_date",
    "read_sheets",
    "read_table",
    "write_xlsx",
]
