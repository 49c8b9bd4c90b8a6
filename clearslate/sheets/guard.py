"""Is a ZIP file a workbook that may be opened? Looked at before any of it is read as a table.

Belongs here: limits on size and shape, names of members, what a plain table never has (macros, links to other files,
embedded objects). Does not belong here: the XML inside (workbook.py), what the cells say (read.py).

The sizes that the ZIP's directory declares bind: the zipfile module hands out no more than that of a member and then
compares its checksum. So what is summed here is what can come out.
"""

import zipfile

from clearslate.errors import SheetRefused

MAX_FILE = 512 << 20  # bytes, as sent
MAX_UNPACKED = 1 << 30  # bytes, all members together: half a million rows of 30 columns take about that
MAX_RATIO = 400  # unpacked to packed, of a member over a mebibyte; sheets of a real table stay below 100
MAX_MEMBERS = 2_000
_MEBIBYTE = 1 << 20

_FORBIDDEN = {
    "vbaproject": "macros",
    "/macrosheets/": "macros",
    "/dialogsheets/": "macros",
    "/externallinks/": "links to other files",
    "/embeddings/": "embedded objects",
    "/activex/": "embedded controls",
    "/connections.xml": "a connection to another source of data",
}


def check_members(archive: zipfile.ZipFile, name: str) -> None:
    """Raise SheetRefused, naming file and fault, unless this is a plain XLSX workbook of bearable size."""
    members = archive.infolist()
    lowered = {member.filename.lower() for member in members}
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise SheetRefused(f"{name}: the workbook unpacks to more than a table can be; it is not opened")
    if len(lowered) != len(members):
        raise SheetRefused(f"{name}: the workbook holds two parts of one name; it is not opened")
    for member in members:
        parts = member.filename.replace("\\", "/").split("/")
        if "\\" in member.filename or ":" in member.filename or ".." in parts or parts[0] == "":
            raise SheetRefused(f"{name}: a part of the workbook is named as a path elsewhere; it is not opened")
        if member.flag_bits & 0x1:
            raise SheetRefused(f"{name}: the workbook has a password; save it without one")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SheetRefused(f"{name}: the workbook is packed in a way no spreadsheet uses; save it again and resend")
        if member.file_size > _MEBIBYTE and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise SheetRefused(f"{name}: the workbook is packed far tighter than a table can be; it is not opened")
        for mark, words in _FORBIDDEN.items():
            if mark in f"/{member.filename.lower()}":
                raise SheetRefused(f"{name}: the workbook holds {words}; save it as a plain .xlsx or as .csv")
    if "mimetype" in lowered and "content.xml" in lowered:
        raise SheetRefused(f"{name}: this is an OpenDocument file (.ods); save it as .xlsx or .csv")
    if "[content_types].xml" not in lowered or "_rels/.rels" not in lowered:
        raise SheetRefused(f"{name}: this ZIP file is no XLSX workbook; send the workbook itself, or a .csv")
