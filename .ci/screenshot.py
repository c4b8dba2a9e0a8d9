"""Pictures of the running demo, in headless Chromium.

    .ci/screenshot.py                       the picture of the README
    .ci/screenshot.py FOLDER USER PATH …    every path as USER sees it: wide, dark, phone, print

The demo must be running (``make demo``); ``URL=`` names another address than port 8000.
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

URL = os.environ.get("URL", "http://127.0.0.1:8000")
PASSWORD = "congdoan2024"
README_PICTURE = Path(__file__).parent / "federation-progress.png"
WAYS = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2},
    "nojs": {"viewport": {"width": 360, "height": 740}, "java_script_enabled": False},
}


def signed_in(browser: Browser, user: str, **way: object) -> Page:
    page = browser.new_context(locale="vi-VN", **way).new_page()
    page.goto(f"{URL}/accounts/login/")
    page.fill("[name=username]", user)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state("networkidle")
    return page


def picture(page: Page, path: str, file: Path, *, whole: bool = True) -> None:
    page.goto(URL + path)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)
    page.screenshot(path=file, full_page=whole)


def look(browser: Browser, folder: Path, user: str, paths: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, way in WAYS.items():
        page = signed_in(browser, user, **way)
        for path in paths:
            file = folder / f"{path.strip('/').replace('/', '_') or 'home'}-{name}"
            picture(page, path, file.with_suffix(".png"))
            if name == "wide":
                page.pdf(path=file.with_name(f"{file.stem}-print.pdf"), format="A4")


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        if len(sys.argv) > 3:
            look(browser, Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
        else:
            page = signed_in(browser, "demo.lan", viewport={"width": 1280, "height": 1240})
            picture(page, "/progress/CDN/?quarter=2024Q3", README_PICTURE, whole=False)


if __name__ == "__main__":
    main()
