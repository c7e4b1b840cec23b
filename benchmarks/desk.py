"""How soon a pasted page shows something at the desk, and whether a long one holds up the browser.

python -m benchmarks.desk    # needs /usr/bin/chromium

Prints, for pages of 10,000 and 200,000 characters: milliseconds from the click to the first paragraph and to the first
topics, the longest stretch in which the page could not answer a click, and, as the measure of the machine, the
milliseconds of one /v1/classify request with the same first characters in the same run.
"""

from __future__ import annotations

import tempfile
import time
from typing import Any

import httpx2
from playwright.sync_api import sync_playwright

from tests.service.desk.browsing import CHROMIUM, FLAGS, SAMPLE
from tests.service.serving import start

MEASURE = """
async text => {
  document.getElementById('page-text').value = text; // laying that out is the browser's own
  await new Promise((resolve) => setTimeout(resolve, 3000));
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration);
  }).observe({entryTypes: ['longtask']});
  const began = performance.now();
  document.getElementById('read-form').requestSubmit();
  const seen = async (selector) => {
    while (!document.querySelector(selector)) await new Promise((resolve) => setTimeout(resolve, 5));
    return performance.now() - began;
  };
  const laid = await seen('.para');
  const told = await seen('.para-side .chip');
  await new Promise((resolve) => setTimeout(resolve, 4000));
  return {laid, told, longest: window.longest};
}
"""


def page_of(characters: int) -> str:
    """A page of so many characters, no two articles alike."""
    parts = [SAMPLE.replace("清河", f"清河{number}") for number in range(characters // len(SAMPLE) + 1)]
    return "".join(parts)[:characters]


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as home, start(None, "--home", home) as service, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        for characters in (10_000, 10_000, 200_000):  # the first warms everything up
            page = browser.new_page()
            page.set_default_timeout(300_000)
            page.goto(service.address)
            found: dict[str, Any] = page.evaluate(MEASURE, page_of(characters))
            page.close()
            began = time.perf_counter()
            httpx2.post(f"{service.address}/v1/classify", json={"texts": [page_of(600)]}, timeout=None)
            alone = 1000 * (time.perf_counter() - began)
            print(
                f"{characters} characters: first paragraph {found['laid']:.0f} ms, first topics {found['told']:.0f} ms"
                f" ({found['told'] / alone:.1f} of one classify request, {alone:.0f} ms),"
                f" longest stretch {found['longest']:.0f} ms",
                flush=True,
            )
        browser.close()


if __name__ == "__main__":
    main()
