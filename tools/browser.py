"""Headless Chromium, for the tests of the pages and for the pictures of the notebooks."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_browser() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None)


def launch(driver):
    """A browser for Playwright's `driver`. Raises FileNotFoundError where none is installed."""
    executable = find_browser()
    if executable is None:
        raise FileNotFoundError(f"a browser is needed: {', '.join(NAMES)}")
    return driver.chromium.launch(executable_path=executable, args=FLAGS)
