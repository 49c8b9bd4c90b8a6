"""An answer as one page of HTML: to be printed, annotated, signed and filed.

Belongs here: that page, self-contained and without scripts, every text escaped. Does not belong here: the words
themselves (answer.py, words.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from clearslate.explain.answer import NO, Answer, Decision, Fact, Subject, Tried, UnderRemedy

_STYLE = """
@page { size: letter; margin: 12mm }
body { font: 9.5pt/1.3 Georgia, serif; color: #111; max-width: 190mm; margin: 0 auto; padding: 2mm }
h1 { font-size: 13pt; margin: 0 0 1mm } h3 { font-size: 10pt; margin: 3mm 0 0.5mm } p { margin: 0.5mm 0 }
h2 { font-size: 11pt; margin: 4mm 0 1mm; border-top: 1px solid #111; padding-top: 2mm }
.outcome { font-weight: bold } .small { font-size: 8pt; color: #333 }
table { border-collapse: collapse; width: 100%; margin: 1mm 0 } tr { break-inside: avoid }
th, td { text-align: left; vertical-align: top; border: 1px solid #999; padding: 0.5mm 1.2mm; font-size: 8pt }
tr.stands td { font-weight: bold; background: #eee }
ol { columns: 2; column-gap: 5mm; margin: 1mm 0; padding: 0; list-style: none; font-size: 7pt; line-height: 1.2; color: #333 }
section { break-inside: avoid } .notes { border: 1px solid #111; height: 26mm }
.signature { display: flex; gap: 10mm; margin-top: 9mm }
.signature div { flex: 1; border-top: 1px solid #111; font-size: 8pt }
"""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""No script, picture or address is ever loaded, whatever a record holds."""


def page(answer: Answer) -> str:
    """The whole document."""
    subjects = "".join(_subject(subject) for subject in answer.subjects)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>Clearslate: how it was decided</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>How it was decided</h1>
<p>As of {escape(answer.as_of.isoformat())}. The records speak up to: {escape(", ".join(answer.data_through))}.</p>
<p class="small">Run {escape(answer.run_id)}, rule set {escape(answer.rule_set[:16])}, deliveries
{escape(", ".join(answer.deliveries))}. This page tells how rules were applied to a record; it is not legal advice, not a
filing and not an order. Confidential: it holds a person's criminal history.</p>
{subjects}
<section>
<h2>Prosecutor's notes</h2>
<div class="notes"></div>
<div class="signature"><div>Name</div><div>Signature</div><div>Date</div></div>
</section>
</body>
</html>
"""


def _subject(subject: Subject) -> str:
    found, person = subject.found, subject.found.person
    who = [
        ("Name", person.name), ("CII", person.cii), ("Born", person.birth_date), ("Subject", person.subject),
        ("County", found.county or "unknown"), ("Case", found.case),
        ("Day", found.event.day), ("Event", found.event.event or "unknown"), (found.kind.capitalize(), found.id),
    ]  # fmt: skip
    cells = "".join(f"<b>{escape(name)}</b> {escape(value)}; " for name, value in who if value).removesuffix("; ")
    remedies = "".join(_remedy(under) for under in subject.remedies) or f"<p>{escape(subject.none)}</p>"
    return f"<h2>{escape(found.kind.capitalize())}: {escape(found.what)}</h2>\n<p>{cells}</p>\n{remedies}"


def _remedy(under: UnderRemedy) -> str:
    heading = f"<h3>{escape(under.title)}</h3>\n<p class='small'>{escape(under.authority)}</p>\n"
    if under.decision is None:
        return f"{heading}<p>{escape(under.why_not)}</p>\n{_facts(under.facts)}"
    return heading + _decision(under.decision)


def _decision(decision: Decision) -> str:
    lines = [f"<p class='outcome'>{escape(decision.says)}</p>"]
    lines += [f"<p>{escape(label)}: {escape(told)}</p>" for label, told in decision.points]
    numbered = list(enumerate(decision.tried, start=1))
    held = "".join(_rule(number, tried) for number, tried in numbered if tried.came_out != NO)
    head = "<tr><th>#</th><th>Rule</th><th>It asks whether</th><th>Answer</th><th>What came of it</th><th>Authority</th></tr>"
    lines.append(f"<table><thead>{head}</thead><tbody>{held}</tbody></table>")
    failed = [_failed(number, tried) for number, tried in numbered if tried.came_out == NO]
    if failed:
        lines += ["<p class='small'>Tried and answered with no:</p>", f"<ol>{''.join(failed)}</ol>"]
    return "\n".join([*lines, ""])


def _rule(number: int, tried: Tried) -> str:
    mark = " class='stands'" if tried.stands_out else ""
    asks = f"{escape(tried.asks)}{_looked_at(tried.facts)}"
    authority = escape(f"{tried.citation} ({tried.confidence})")
    cells = [str(number), escape(tried.rule), asks, escape(tried.came_out), escape(tried.effect), authority]
    return f"<tr{mark}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _failed(number: int, tried: Tried) -> str:
    facts = "; ".join(fact.line for fact in tried.facts)
    authority = f"{tried.citation}; {tried.confidence}"
    return f"<li>{number} <b>{escape(tried.rule)}</b>: {escape(tried.asks)}? No ({escape(facts)}). [{escape(authority)}]</li>"


def _looked_at(facts: Iterable[Fact]) -> str:
    told = "; ".join(fact.line for fact in facts)
    return f"<br><span class='small'>{escape(told)}</span>" if told else ""


def _facts(facts: Iterable[Fact]) -> str:
    return "".join(f"<p class='small'>{escape(fact.line)}</p>" for fact in facts)
