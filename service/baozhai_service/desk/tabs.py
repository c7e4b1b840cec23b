"""The tabs of the desk, in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from baozhai_service.http.auth import Permission


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: its name in templates, address, Chinese and English title, and what a key must be allowed to see it."""

    name: str
    path: str
    zh: str
    en: str
    permission: Permission
    ready: bool = True


TABS = (
    Tab("read", "/", "读版", "Read", Permission.READ),
    Tab("verify", "/verify", "校对", "Check", Permission.READ),
    Tab("label", "/label", "标注", "Label", Permission.LABEL),
    Tab("archive", "/archive", "存档", "Archive", Permission.READ),
    Tab("models", "/models", "模型", "Models", Permission.READ),
)


def shown(may: Callable[[Permission], bool], *, archive: bool) -> list[Tab]:
    """The tabs that are ready, for somebody who may do what ``may`` says; that of the archive if there is one."""
    return [tab for tab in TABS if tab.ready and may(tab.permission) and (archive or tab.name != "archive")]
