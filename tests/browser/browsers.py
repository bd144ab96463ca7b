"""Chromium without a screen, with a camera and a microphone that play files."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

FAKE_DEVICES = "--use-fake-device-for-media-stream"
ALWAYS_ALLOWED = "--use-fake-ui-for-media-stream"
ALWAYS_DENIED = "--use-fake-ui-for-media-stream=deny"
_QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    "--host-resolver-rules=MAP insecure.test 127.0.0.1",
)


def reason_against() -> str | None:
    """Why no browser can be started here; None when one can."""
    for program, package in (("chromium", "chromium"), ("chromedriver", "chromium-driver")):
        if shutil.which(program) is None:
            return f"needs {program}: install Debian's package {package}, or its like"
    return None


@contextmanager
def chromium(*arguments: str) -> Iterator[webdriver.Chrome]:
    """A browser that nobody has used before."""
    options = Options()
    options.binary_location = str(shutil.which("chromium"))
    with tempfile.TemporaryDirectory(prefix="countersign-browser-", ignore_cleanup_errors=True) as folder:
        for argument in (*_QUIET, f"--user-data-dir={folder}", *arguments):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = webdriver.Chrome(options=options, service=Service(str(shutil.which("chromedriver"))))
        try:
            driver.set_page_load_timeout(120)
            driver.set_script_timeout(120)
            look(driver, dark=False)
            yield driver
        finally:
            driver.quit()


def look(driver: webdriver.Chrome, *, dark: bool) -> None:
    """Light or dark, as the person's own setting would be."""
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    still = {"name": "prefers-reduced-motion", "value": "reduce"}  # colours must not be measured while they change
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme, still]})


def size(driver: webdriver.Chrome, width: int, height: int) -> None:
    """The page is that wide and high, in CSS pixels."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def playing(picture: Path | None = None, sound: Path | None = None) -> tuple[str, ...]:
    """Arguments for a camera and a microphone that play these files (Y4M or MJPEG; WAV), over and over."""
    files: tuple[str, ...] = ()
    if picture is not None:
        files += (f"--use-file-for-fake-video-capture={picture}",)
    if sound is not None:
        files += (f"--use-file-for-fake-audio-capture={sound}",)
    return (FAKE_DEVICES, ALWAYS_ALLOWED, *files)
