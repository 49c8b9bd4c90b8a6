"""The papers of a court package: bulk motion, exhibits, proposed order, and drafts for single cases, as PDF."""

from clearslate.documents.facts import Background, BatchFacts, Filer
from clearslate.documents.write import DocumentFile, write_case_drafts, write_documents

__all__ = ["Background", "BatchFacts", "DocumentFile", "Filer", "write_case_drafts", "write_documents"]
