"""A browser that notices when a page does something that its author did not intend."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Request, sync_playwright

from tests.browser.hostile import HOST

READ_SECONDS = 60
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
NAMED = re.compile(re.escape(HOST) + r"/([\w.-]+)")
# tags with an attribute that runs a script or fetches something from the attacker, now or after a click
FIND_TRAPS = """
host => {
  const addresses = ["href", "src", "action", "formaction", "data", "xlink:href", "srcset", "poster", "background"];
  const found = [];
  const leads = (element, value) => {
    try {
      const url = new URL(value.trim().split(/\\s/)[0], document.baseURI);
      if (["javascript:", "vbscript:"].includes(url.protocol)) return true;
      if (url.protocol === "data:") return !(element.localName === "img" && value.startsWith("data:image/"));
      return url.host === host && element.localName !== "a";
    } catch { return false; }
  };
  const look = root => root.querySelectorAll("*").forEach(element => {
    for (const {name, value} of element.attributes) {
      const acts = name.startsWith("on") || ["style", "srcdoc", "content"].includes(name);
      const ours = value.includes("pwned") || value.includes(host);
      if ((acts && ours) || (addresses.includes(name) && leads(element, value)))
        found.push(`<${element.localName} ${name}=${value}>`);
    }
    if (element.shadowRoot) look(element.shadowRoot);
  });
  look(document);
  return found;
}
"""
FIND_LINKS = "[...document.querySelectorAll('a[href]')].map(link => String(link.href.baseVal ?? link.href))"
CAN_BE_READ = "words => document.body && document.body.innerText.includes(words)"


def find_chromium() -> str:
    """Return the path of an installed Chromium. Raises RuntimeError if there is none."""
    for name in PROGRAMS:
        if path := shutil.which(name):
            return path
    raise RuntimeError(
        f"no browser: these tests drive an installed Chromium, but none of {', '.join(PROGRAMS)} is on the PATH; "
        "install it: apt-get install chromium"
    )


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the installed Chromium without a window."""
    # as root it refuses to start with its own sandbox
    arguments = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True)
class Visit:
    """What was seen when a page was opened.

    text : what a person reads on it.
    foreign : addresses outside the page's own server that it asked for.
    dialogs : messages of dialogs that it opened.
    pwned : what scripts left in `window.pwned`, frame by frame.
    traps : tags that run a script or fetch something from the attacker, perhaps only after a click.
    links : where its links lead.
    """

    text: str
    foreign: frozenset[str]
    dialogs: tuple[str, ...]
    pwned: tuple[str, ...]
    traps: tuple[str, ...]
    links: tuple[str, ...]

    def lures(self) -> list[str]:
        """Links to the attacker's host: harmless until somebody follows them."""
        return [link for link in self.links if urlsplit(link).hostname == HOST]

    def succeeded(self) -> set[str]:
        """Names of the attacks that did something, or would after a click."""
        return set(NAMED.findall(" ".join([*self.foreign, *self.dialogs, *self.pwned, *self.traps, *self.links])))


def assert_harmless(visit: Visit, usual: frozenset[str] = frozenset()) -> None:
    """Fail if a page ran or fetched anything of a student's, or would after a click.

    usual : addresses from which any such page loads something.
    """
    assert visit.dialogs == ()
    assert visit.pwned == ()
    assert visit.traps == ()
    assert visit.foreign - usual == set()


class Watcher:
    """Opens pages in a browser that reaches this machine alone.

    login : address that makes the browser known to a server.
    """

    def __init__(self, browser: Browser, login: str = ""):
        self.context: BrowserContext = browser.new_context(viewport={"width": 1300, "height": 900})
        # "no content" leaves a page in place that somebody tries to move away
        self.context.route(lambda url: not _local(url), lambda route: route.fulfill(status=204))
        if login:
            self.context.request.get(login)

    def open(self, url: str, words: str, screenshot: Path | None = None) -> Visit:
        """Open a page, wait until `words` can be read on it and the network is idle, and tell what it did.

        Raises playwright's TimeoutError if the words do not appear.
        """
        page = self.context.new_page()
        requests: list[Request] = []
        dialogs: list[str] = []
        page.on("request", lambda request: requests.append(request))
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        try:
            page.goto(url, wait_until="commit")
            page.wait_for_function(CAN_BE_READ, arg=words, timeout=1000 * READ_SECONDS)
            page.wait_for_load_state("networkidle")
            if screenshot:
                page.screenshot(path=screenshot, full_page=True)
            frames = [frame for frame in page.frames if not frame.url.startswith("chrome-error:")]
            return Visit(
                page.locator("body").inner_text(),
                frozenset(request.url for request in requests if _foreign(request, url)),
                tuple(dialogs),
                tuple(filter(None, (frame.evaluate("String(window.pwned || '')") for frame in frames))),
                tuple(trap for frame in frames for trap in frame.evaluate(FIND_TRAPS, HOST)),
                tuple(link for frame in frames for link in frame.evaluate(FIND_LINKS)),
            )
        finally:
            page.close()


def _local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in {"http", "https"} or parts.hostname == "127.0.0.1"


def _foreign(request: Request, page: str) -> bool:
    """Return whether a page had no business to ask for this."""
    parts, own = urlsplit(request.url), urlsplit(page)
    if parts.scheme in {"data", "blob"}:
        return request.resource_type not in {"image", "font"}
    return (parts.scheme, parts.netloc) != (own.scheme, own.netloc) or (own.scheme == "file" and parts.path != own.path)
