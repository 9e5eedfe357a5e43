"""Takes the pictures of the tutorial anew: `PYTHONPATH=tests:tests/browser python -m pictured`.

A picture is taken only once its words stand on the screen, so none can show a step that failed.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path

import noted
from built import ROOT
from chromium import find_chromium
from desked import desk_project, lab
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from taught import fill, steps_of

PICTURES = ROOT / "docs" / "tutorial"
RUN = "huong_dan"
WORDS = {
    "briefing.png": ("Kết luận.", "Khuyến nghị.", "98,08%"),
    "lab.png": ("reports", "Nghiên cứu mới", "Chạy nghiên cứu này", "Các bản tóm tắt mới nhất"),
    "form.png": ("Số hồ sơ tối thiểu", "Lưu"),
}
_COLOURS = 128


def take(page: Page, name: str) -> None:
    """Take one picture, once all its words are in sight, in few colours."""
    for words in WORDS[name]:
        page.get_by_text(words).first.wait_for()
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    few = shot.quantize(_COLOURS, dither=Image.Dither.NONE)
    PICTURES.mkdir(exist_ok=True)
    few.save(PICTURES / name, optimize=True)


def main() -> None:
    """Follow the tutorial up to its form, and take a picture where it shows one."""
    with tempfile.TemporaryDirectory() as folder:
        layout = desk_project(Path(folder) / "desk")
        pilots = Path(sys.executable).with_name("pilots")
        steps = steps_of(ROOT / "docs" / "tutorial.md")
        book = layout.root / "data" / "raw" / "studies" / RUN / f"{RUN}.xlsx"
        new = next(step.lines[0] for step in steps if step.kind == "typed")
        subprocess.run(f"{pilots} {new.partition(' ')[2]}", cwd=layout.root, shell=True, check=True)
        for step in [step for step in steps if step.kind == "filled"]:
            if len(step.rows[0]) > 2:
                fill(book, step)
        subprocess.run([pilots, "run", RUN], cwd=layout.root, check=True)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=find_chromium())
            page = browser.new_page(viewport={"width": 900, "height": 1000})
            page.goto((layout.reports(RUN) / "briefing.html").as_uri())
            take(page, "briefing.png")
            browser.close()
        with lab(layout, RUN, PILOTS_LANG="vi") as served:
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=find_chromium())
                page = browser.new_page(viewport={"width": 1100, "height": 520}, locale="vi-VN")
                page.goto(f"{served.address}lab?token={served.token}&reset")
                take(page, "lab.png")
                browser.close()
            with noted.opened(served, "03_estimate_effects", width=1100, height=900) as page:
                form = noted.run_parameters(page)
                noted.field(form, "least_dossiers").locator("input").fill("100")
                take(page, "form.png")


if __name__ == "__main__":
    main()
