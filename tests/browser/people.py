"""What a person does with a page."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

_T = TypeVar("_T")
_HURRY = """
const [later, now] = [window.setTimeout.bind(window), performance.now.bind(performance)];
window.setTimeout = (call, wait, ...more) => later(call, (wait ?? 0) / %(times)s, ...more);
performance.now = () => %(times)s * now();
"""


class Person:
    """Somebody at a browser, who waits for what they want to see."""

    def __init__(self, browser: Chrome) -> None:
        self.browser = browser
        self._hurry: str | None = None

    def goes_to(self, address: str) -> None:
        """Open a page."""
        self.browser.get(address)

    def hurries(self, times: int = 4) -> None:
        """From the next page on its clock runs faster, so that what a person waits for takes less of the tests' time."""
        added = self.browser.execute_cdp_cmd(
            "Page.addScriptToEvaluateOnNewDocument", {"source": _HURRY % {"times": times}}
        )
        self._hurry = added["identifier"]

    def takes_their_time(self) -> None:
        """The clock runs as it does from the next page on."""
        if self._hurry is not None:
            self.browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": self._hurry})
            self._hurry = None

    def sees(self, selector: str, *, within: float = 60) -> WebElement:
        """The first element of that selector that is shown, once there is one."""
        found: WebElement = self._once(lambda: self._shown(selector), f"{selector} to be shown", within)
        return found

    def reads(self, sentence: str, *, within: float = 60) -> None:
        """Wait until the page says so, where one can see it."""
        self._once(lambda: sentence in self.browser.find_element(By.TAG_NAME, "main").text, f"{sentence!r}", within)

    def presses(self, action: str, *, within: float = 60) -> None:
        """A button of the capture component."""
        self.sees(f'[data-action="{action}"]:not([disabled])', within=within).click()

    def arrives(self, part: str, *, within: float = 60) -> None:
        """Wait for an address that has this in it."""
        self._once(lambda: part in self.browser.current_url, f"an address with {part}", within)

    def arrives_or_sees(self, part: str, selector: str, *, within: float = 60) -> bool:
        """Wait for an address that has this in it, or for an element. Whether it was the address."""

        def look() -> str:
            return "address" if part in self.browser.current_url else "element" if self._shown(selector) else ""

        return bool(self._once(look, f"an address with {part}, or {selector}", within) == "address")

    def tells(self, script: str, *arguments: object) -> Any:
        """What a script in the page gives back; a promise is waited for."""
        wrapped = f"const given = arguments, done = arguments[arguments.length - 1]; (async () => {{ {script} }})().then(done, (e) => done(String(e)));"
        return self.browser.execute_async_script(wrapped, *arguments)

    def screen(self) -> str:
        """Which screen of the capture component is shown."""
        return str(self.browser.find_element(By.TAG_NAME, "countersign-capture").get_attribute("data-now"))

    def complaints(self) -> list[str]:
        """What the browser's console has as errors, since it was last asked."""
        entries: list[dict[str, str]] = self.browser.get_log("browser")  # type: ignore[no-untyped-call]  # selenium's
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]

    def _shown(self, selector: str) -> WebElement | None:
        found = self.browser.find_elements(By.CSS_SELECTOR, selector)
        return next((element for element in found if element.is_displayed()), None)

    def _once(self, look: Callable[[], _T], what: str, within: float) -> Any:
        deadline = time.monotonic() + within
        while True:
            try:
                if found := look():
                    return found
            except (StaleElementReferenceException, WebDriverException) as error:
                if time.monotonic() > deadline:
                    raise AssertionError(f"waited for {what}: {error.msg}") from None
            if time.monotonic() > deadline:
                body = self.browser.find_element(By.TAG_NAME, "body").text
                raise AssertionError(f"waited for {what}; {self.browser.current_url} says: {body}; {self.complaints()}")
            time.sleep(0.05)
