"""Write the real answers into the documents: ``python -m tests.docs.rewrite [FILE.md …]``.

Elisions stay; what went wrong otherwise (a command that failed) is told, and the exit status is 1.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import tiny
from tests.conftest import ROOT, _fingerprint
from tests.docs.examples import is_miniature, rewritten, running
from tests.docs.markdown import documents
from tests.service.serving import start


def main() -> None:
    """Rewrite the documents that are named, or all."""
    failed = False
    with TemporaryDirectory() as scratch, start(None, "--home", Path(scratch) / "home") as server:
        for path in [Path(name) for name in sys.argv[1:]] or documents(ROOT):
            document = path.read_text(encoding="utf-8")
            miniature = _miniature(Path(scratch)) if is_miniature(document) else None
            with running(document, server.address, miniature) as examples:
                outcomes = list(examples.run(document))
            for each in outcomes:
                if each.problem and each.answer is None:
                    failed = True
                    print(f"{path}:{each.block.line}: {each.problem}")
            new = rewritten(document, outcomes)
            if new != document:
                path.write_text(new, encoding="utf-8")
                print(f"{path}: rewritten")
    sys.exit(failed)


def _miniature(scratch: Path) -> Path:
    """The miniature bundle: of the tests' cache, if they have made it, or trained now."""
    cached = ROOT / ".pytest_cache" / "d" / "tiny-bundle" / _fingerprint() / "bundle"
    if cached.exists():
        return cached
    made = scratch / "tiny"
    return made / "bundle" if made.exists() else tiny.train_tiny_bundle(made)


if __name__ == "__main__":
    main()
