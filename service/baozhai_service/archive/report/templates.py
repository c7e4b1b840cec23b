"""Render the HTML templates of reports; text from the archive is escaped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent / "templates"


def rendered(template: str, **values: Any) -> str:
    """Render a template of this folder as an HTML page."""
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
    environment.filters["percent"] = lambda share: f"{share:.1%}"
    environment.filters["page_name"] = page_name
    environment.filters["number"] = lambda count: f"{count:,}"
    style = (HERE / "style.css").read_text(encoding="utf-8")
    return environment.get_template(template).render(style=style, **values)


def page_name(page: str) -> str:
    """The name of a page of a newspaper.

    >>> page_name("5"), page_name("第5版"), page_name("要闻版")
    ('第 5 版', '第5版', '要闻版')
    """
    return page if page.startswith("第") or "版" in page else f"第 {page} 版"
