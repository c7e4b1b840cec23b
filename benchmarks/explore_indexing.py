"""Index an archive by two processes; the processor time of both, and the memory of the larger, as JSON."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys

from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.search.index import build_index, index_folder


def main() -> None:
    """Index, and print what it took."""
    if sys.argv[2:] != ["--inner"]:  # a parent of all: the workers' parent is a server of processes of its own
        inner = [sys.executable, "-m", "benchmarks.explore_indexing", sys.argv[1], "--inner"]
        subprocess.run(inner, check=True)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "largest": used.ru_maxrss}))
        return
    output = Output(sys.argv[1])
    build_index(output, index_folder(output), workers=os.cpu_count() or 1)


if __name__ == "__main__":
    main()
