"""The landing suite: every line of every delivered file is accounted for, and not too much of it is damaged.

It judges all deliveries that a run rests on, file by file as well as whole: a small file that is all damage must not hide
behind a large one.
"""

from expectations.expectation import Expectation, Shown, Suite, balance

_FILES = "quality.landing_file_metric"
_RESEND = (
    "Look at the quarantined records and their reasons; ask DOJ for the file again, or mend it and deliver it anew. A "
    "deployment that can live with more sets {} in settings.toml."
)
_CUT = (
    "Look whether the file is whole; if it is only a part of the state, deliver it with --scope partial. A deployment where "
    "so many may leave at once sets {} in settings.toml."
)

SUITE = Suite(
    name="landing",
    models=("quality.landing_file_metric", "quality.landing_metric"),
    schemas=("raw",),
    stated=(
        balance(
            "landing.every_line_is_accounted_for",
            "n_files_with_lines_unaccounted",
            "Lines of a file = header and blank lines + lines of loaded and of quarantined records (files that differ).",
            Shown(_FILES, "n_lines_unaccounted <> 0"),
        ),
        balance(
            "landing.every_loaded_record_is_there",
            "n_files_with_loaded_missing",
            "The records and lines that the reader counted as loaded are those in raw.record (files that differ).",
            Shown(_FILES, "n_loaded_missing <> 0"),
        ),
        balance(
            "landing.every_quarantined_record_is_there",
            "n_files_with_quarantined_missing",
            "The records and lines that the reader counted as quarantined are those in raw.quarantine (files that differ).",
            Shown(_FILES, "n_quarantined_missing <> 0"),
        ),
        balance(
            "landing.every_record_has_its_file",
            "n_records_without_file",
            "Every loaded or quarantined record comes from a file that was delivered (records that don't).",
            Shown("raw.record", "(delivery_no, file_no) not in (select (delivery_no, file_no) from raw.file)"),
        ),
        Expectation(
            "landing.statewide_delivery_is_whole",
            "statewide_loss_share",
            "statewide_loss_block",
            "critical",
            "Share of records that the last statewide delivery lacks, beside the greatest before it: who is not in it leaves.",
            _CUT.format("statewide_loss_block"),
            Shown("raw.file"),
        ),
        Expectation(
            "landing.statewide_delivery_is_nearly_whole",
            "statewide_loss_share",
            "statewide_loss_warn",
            "warning",
            "Share of records that the last statewide delivery lacks, beside the greatest before it: who is not in it leaves.",
            _CUT.format("statewide_loss_warn"),
            Shown("raw.file"),
        ),
        Expectation(
            "landing.deliveries_go_forward",
            "n_deliveries_behind",
            0,
            "warning",
            "Deliveries that speak up to an earlier day than one accepted before them; they replace its people all the same.",
            "The newest delivery has to be the last: deliver it once more, under an id of its own (--delivery).",
            Shown("raw.delivery"),
        ),
        Expectation(
            "landing.file_quarantine_is_bearable",
            "worst_file_quarantined_share",
            "quarantine_block",
            "critical",
            "Share of records that had to be quarantined, in the worst file.",
            _RESEND.format("quarantine_block"),
            Shown("raw.quarantine"),
        ),
        Expectation(
            "landing.file_quarantine_is_low",
            "worst_file_quarantined_share",
            "quarantine_warn",
            "warning",
            "Share of records that had to be quarantined, in the worst file; their people's histories have a hole.",
            _RESEND.format("quarantine_warn"),
            Shown("raw.quarantine"),
        ),
        Expectation(
            "landing.delivery_quarantine_is_bearable",
            "worst_delivery_quarantined_share",
            "quarantine_block",
            "critical",
            "Share of records that had to be quarantined, in the worst delivery.",
            _RESEND.format("quarantine_block"),
            Shown("raw.quarantine"),
        ),
        Expectation(
            "landing.delivery_quarantine_is_low",
            "worst_delivery_quarantined_share",
            "quarantine_warn",
            "warning",
            "Share of records that had to be quarantined, in the worst delivery; their people's histories have a hole.",
            _RESEND.format("quarantine_warn"),
            Shown("raw.quarantine"),
        ),
    ),
)
