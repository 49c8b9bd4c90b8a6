"""The typesetting process: reads jobs from standard input, writes PDFs to standard output, and ends when asked nothing.

Belongs here: what runs apart from everything else, because typst keeps what it has laid out in memory. It is run as a
file, not as a module, so that it loads typst and nothing of clearslate. Does not belong here: who starts it (typesetter.py).

A job is one line of JSON {template, data}; the answer a line {"bytes": n, "pages": n}, then that many bytes; or
{"error": text} with the words of the typesetter for a fault of a template, which may hold words of a document: the other
side doesn't show them.
"""

import json
import sys
from pathlib import Path
from typing import cast

import typst

TEMPLATES = Path(__file__).resolve().parent / "templates"


def main() -> None:
    compilers: dict[str, typst.Compiler] = {}
    for line in sys.stdin.buffer:
        job = json.loads(line)
        name = job["template"]
        if name not in compilers:
            # Typst's own typefaces only: the same pages on every machine.
            compilers[name] = typst.Compiler(TEMPLATES / name, root=TEMPLATES, font_paths=[], ignore_system_fonts=True)
        try:
            compiler = compilers[name]
            inputs = {"data": json.dumps(job["data"])}
            pdf = cast(bytes, compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards="ua-1"))
            pages = int(compiler.query("<pages>", field="value", one=True))
        except (typst.TypstError, RuntimeError) as error:
            _answer({"error": str(error)})
            continue
        _answer({"bytes": len(pdf), "pages": pages}, pdf)


def _answer(head: dict[str, object], body: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + body)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
