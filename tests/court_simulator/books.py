"""The court's books: one SQLite file.

Belongs here: the tables, opening them, and the questions that others ask of them. Does not belong here: what the court
decides (court.py).

A line's `state` is in the court's own words: received, matched, ordered, posted, reported; refused, denied, already
(relief was held before), duplicate. A line that comes again in a later batch is a new row; the latest row of an action
key counts.
"""

import sqlite3
from pathlib import Path

SCHEMA = """
create table batches (
    batch_id text, manifest_sha256 text, test_indicator text, sequence integer, previous text, n_lines integer,
    n_reversals integer, received_on text, refused text not null, words text not null, supersedes text,
    primary key (batch_id, received_on, manifest_sha256, refused)
);
create table lines (
    item integer primary key, batch_id text not null, line_no integer not null, is_reversal integer not null,
    action_key text not null, reverses text not null, case_number text, count_no text, section text, level text,
    disposition_date text, action_code text, da_position text, name_last text, birth_year text,
    state text not null, reason_code text not null, since text not null, tries integer not null default 0,
    case_id integer, count_id integer, order_doc_id text not null default '',
    unique (batch_id, is_reversal, line_no), unique (batch_id, action_key)
);
create table cases (
    case_id integer primary key, number text, number_sort text, standing text not null, points_to text not null,
    name_last text, birth_year text, is_pending integer not null, is_supervised integer not null
);
create index cases_by_number on cases (number_sort);
create table counts (
    count_id integer primary key, case_id integer not null, count_no text, section text, level text,
    disposition_date text, is_conviction integer not null, consolidated integer not null, relieved_on text not null,
    temper text not null, claimed_by text not null
);
create index counts_by_case on counts (case_id, count_no);
create table known (action_key text primary key);
create table known_places (place text primary key);
create table orders (order_doc_id text primary key, batch_id text, signed_on text, status text, n_lines integer);
create table postings (
    action_key text not null, count_id integer not null, posted_on text not null, reversed_on text not null default ''
);
create unique index a_count_is_relieved_once on postings (count_id) where reversed_on = '';
create table doj_reports (action_key text, reported_on text, status text, primary key (action_key, status, reported_on));
create table journal (
    entry integer primary key, batch_id text not null, line_no integer, action_key text not null, stage text not null,
    status text not null, reason_code text not null, reason_text text not null, effective_date text not null,
    court_case_number text not null, court_event_id text not null, order_doc_id text not null, ack_seq integer
);
create index journal_by_batch on journal (batch_id, ack_seq);
create view standing as
select * from lines where item in (select max(item) from lines group by action_key);
"""


def open_books(path: Path) -> sqlite3.Connection:
    """The books in `path`, made on first use."""
    books = sqlite3.connect(path)
    books.row_factory = sqlite3.Row
    # A simulated court may lose its books with the machine; the ledger under test may not.
    books.execute("pragma synchronous = off")
    if not books.execute("select count(*) from sqlite_master").fetchone()[0]:
        books.executescript(SCHEMA)
    return books
