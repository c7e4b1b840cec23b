"""``python -m baozhai_service`` is ``baozhai``."""

from baozhai_service.cli import main

main()
