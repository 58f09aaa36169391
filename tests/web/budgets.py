"""Budgets of the web app's pages, measured on a slowed-down browser: `make test-budgets` prints a table.

A telephone: 1.6 Mbit/s, 150 ms of latency, a processor four times slower; the median of five first visits. Bytes and
requests are what went over the wire; LCP and CLS as browsers report them; a tap is from the touch to the next paint.

Source: Web Vitals; Chrome DevTools Protocol.
"""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from tests.browser import chromium
from tests.servers import LiveServer, start_server
from tests.web.screenshots import sign_up

TIMES = 5
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
WATCH = """
  globalThis.seen = { lcp: 0, cls: 0 };
  new PerformanceObserver((list) => { for (const one of list.getEntries()) seen.lcp = one.startTime; })
    .observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => { for (const one of list.getEntries()) seen.cls += one.value; })
    .observe({ type: 'layout-shift', buffered: true });
"""
TAP = """() => new Promise((done) => {
  const begun = performance.now();
  document.querySelector('.dropbtn').click();
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
})"""


def visit(browser: Browser, state: Any, address: str) -> dict[str, float]:
    """A first visit of somebody who is signed in."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, storage_state=state, service_workers="block", device_scale_factor=2
    )
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    sizes = count_bytes(devtools)
    devtools.send("Network.emulateNetworkConditions", NETWORK)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(WATCH)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    found: dict[str, float] = page.evaluate("seen")
    found |= {"bytes": sum(sizes.values()), "requests": len(sizes)}
    found["tap"] = page.evaluate(TAP) if page.locator(".dropbtn").count() else 0
    context.close()
    return found


def count_bytes(devtools: CDPSession) -> dict[str, float]:
    """Bytes over the wire by request, as they come."""
    sizes: dict[str, float] = {}
    devtools.on("Network.loadingFinished", lambda one: sizes.update({one["requestId"]: one["encodedDataLength"]}))
    devtools.send("Network.enable")
    return sizes


def add_wishes(page: Page, server: LiveServer, name: str, count: int) -> str:
    """A list of so many wishes, added by its own form; its address."""
    page.goto(f"{server.url}/lists/new")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make the list").click()
    page.wait_for_selector("#groups")
    page.evaluate(
        """async (count) => {
          const form = document.querySelector('#groups form[data-capture]');
          for (let number = 1; number <= count; number += 1) {
            const fields = new URLSearchParams(new FormData(form));
            fields.set('title', `Swim in the sea number ${number} #sea ${number % 3 ? '' : 'summer 2031'}`);
            await fetch(form.action, { method: 'POST', body: fields, headers: { 'HX-Request': 'true' } });
          }
        }""",
        count,
    )
    return page.url


def main() -> None:
    with TemporaryDirectory() as folder, start_server(Path(folder)) as server, chromium() as browser:
        context = browser.new_context(service_workers="block")
        page = context.new_page()
        sign_up(page, server.url)
        page.locator("#f-t").fill("Sleep in a lighthouse")
        page.locator("#f-t").press("Enter")
        page.wait_for_selector("#toast div")
        pages = {"overview": server.url}
        pages |= {f"list of {count}": add_wishes(page, server, f"All {count}", count) for count in (60, 500)}
        state = context.storage_state()
        print("page | bytes | requests | LCP ms | CLS | tap to paint ms")  # noqa: T201  # it talks to whoever ran it
        for name, address in pages.items():
            visits = [visit(browser, state, address) for _ in range(TIMES)]
            told = {key: median(one[key] for one in visits) for key in visits[0]}
            row = [f"{told[key]:.0f}" for key in ("bytes", "requests", "lcp")] + [
                f"{told['cls']:.3f}",
                f"{told['tap']:.0f}",
            ]
            print(" | ".join([name, *row]))  # noqa: T201


if __name__ == "__main__":
    main()
