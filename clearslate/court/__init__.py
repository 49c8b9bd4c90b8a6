"""Court packages: the folder that one superior court is sent for one program, and the check of such a folder.

Belongs here: the package's format, writing it from `court.action` and `court.case_summary`, and reading it back. Does
not belong here: which convictions are in it (sql/court), the review by the prosecutor, the ledger of what was sent, and
the court's acknowledgements.
"""

from clearslate.court.package import PackageFacts, PackageReport, write_packages
from clearslate.court.verify import verify_package

__all__ = ["PackageFacts", "PackageReport", "verify_package", "write_packages"]
