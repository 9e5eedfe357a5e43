"""What a reader's browser makes of a page: sizes, boxes, colours, letters and requests.

Each function reads one page as it is shown and returns plain data; the gates judge it.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from chromium import is_outside
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

PAPER_WIDTH = 616  # A4 without the margins of the style sheet: 163 mm at 96 px an inch
_LABELS = Path(__file__).with_name("labels.js").read_text(encoding="utf-8")
_STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth;
  const cut = (part) => part && part !== document.body &&
    (getComputedStyle(part).overflowX !== "visible" || cut(part.parentElement));
  const page = document.documentElement.scrollWidth;
  const parts = [...document.body.querySelectorAll("*")]
    .filter((part) => part.getBoundingClientRect().right > width + 0.5 &&
      (part.tagName === "CAPTION" || !cut(part)))
    .map((part) => `${part.tagName}#${part.id}: ${part.textContent.trim().slice(0, 40)}`);
  return page > width ? [`page: ${page} px`, ...parts] : parts;
}"""
_SMALL = """(least) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    const words = walker.currentNode.textContent.trim();
    if (words && !parent.closest("svg,script,style") && parent.checkVisibility() &&
        parseFloat(getComputedStyle(parent).fontSize) < least) found.push(words.slice(0, 60));
  }
  return found;
}"""
_SHAPES = """() => {
  const faint = (style) => style.fill === "none" && Number(style.strokeOpacity) < 1;
  const looks = [...document.querySelectorAll("svg")].filter((svg) => svg.checkVisibility())
    .flatMap((svg) => [...svg.querySelectorAll("path,use,circle")])
    .filter((mark) => !mark.closest("defs,clipPath"))
    .map((mark) => getComputedStyle(mark)).filter((style) => !faint(style))
    .flatMap((style) => [style.fill, style.stroke]).filter((paint) => paint.startsWith("rgb"));
  return [...new Set(looks)];
}"""
_FIRST_PAINT = """(within) => new Promise((tell) => {
  setTimeout(() => tell(null), within);
  new PerformanceObserver((seen) => {
    for (const paint of seen.getEntriesByName("first-contentful-paint")) tell(paint.startTime);
  }).observe({ type: "paint", buffered: true });
})"""
_DRAWN = """([letters, family]) => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 60;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const draw = (letter) => {
    pen.clearRect(0, 0, 60, 60);
    pen.font = `32px ${family}`;
    pen.fillText(letter, 10, 42);
    return canvas.toDataURL();
  };
  const missing = draw("\\u{10FFFF}");
  const drawn = letters.map(draw);
  return {
    missing: letters.filter((_, at) => drawn[at] === missing),
    alike: letters.filter((_, at) => drawn.indexOf(drawn[at]) !== at),
  };
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label of a drawing on show: edges of its ink and height of its letters in px."""

    figure: str
    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    colour: str
    ground: str
    crossed: bool
    clipped: bool


def show(page: Page, *, width: int, scheme: str = "light", media: str = "screen") -> None:
    """Show an open page at another width, in another colour scheme or as on paper."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, media=media)  # type: ignore[arg-type]


def labels_of(page: Page) -> list[Label]:
    """List the labels of the drawings on show."""
    return [Label(**label) for label in page.evaluate(_LABELS)]


def overlapping(labels: list[Label]) -> list[tuple[str, str, str]]:
    """List figure and words of each pair of labels whose ink shares a place."""
    return [
        (one.figure, one.text, two.text)
        for at, one in enumerate(labels)
        for two in labels[at + 1 :]
        if one.figure == two.figure
        and one.left < two.right
        and two.left < one.right
        and one.top < two.bottom
        and two.top < one.bottom
    ]


def sticking_out(page: Page) -> list[str]:
    """List what is wider than the window: captions, and what scrolls in no region of its own."""
    return list(page.evaluate(_STICKING_OUT))


def small_words(page: Page, *, least: float) -> list[str]:
    """List words on show, outside drawings, in letters lower than `least` px."""
    return list(page.evaluate(_SMALL, least))


def paints_of(page: Page) -> list[str]:
    """List the colours of the marks on show, grid lines apart."""
    return list(page.evaluate(_SHAPES))


def colour_of(page: Page, name: str) -> str:
    """Read one of the style sheet's colours as the page shows it."""
    return str(
        page.evaluate(
            "(name) => { const part = document.createElement('i');"
            "part.style.color = `var(--${name})`; document.body.append(part);"
            "const seen = getComputedStyle(part).color; part.remove(); return seen; }",
            name,
        )
    )


def violations(page: Page, *rules: str) -> list[str]:
    """List the rules of axe-core (all, or those named) that a page breaks: impact, a place."""
    asked = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    found = Axe().run(page, options=asked).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}) x{len(rule['nodes'])}: {rule['nodes'][0]['html'][:90]}"
        for rule in found
    ]


def image_names(page: Page) -> list[str]:
    """List what a screen reader says at each picture."""
    session = page.context.new_cdp_session(page)
    whole = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    asked = {"nodeId": whole, "role": "image"}
    nodes = session.send("Accessibility.queryAXTree", asked)["nodes"]
    session.detach()
    return [node["name"]["value"] for node in nodes if not node["ignored"]]


def heard(page: Page) -> str:
    """Join what a screen reader reads of a page, words and counters of style sheets included."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    texts = (node for node in nodes if node["role"]["value"] == "StaticText")
    return " ".join(" ".join(node["name"]["value"] for node in texts).split())


def first_paint(page: Page, *, within: float) -> float | None:
    """Wait `within` ms for words on the screen; gives ms since the page was asked for, or None."""
    seen = page.evaluate(_FIRST_PAINT, within)
    return None if seen is None else float(seen)


def paint_with_requests_held(browser: Browser, file: Path, *, within: float) -> float | None:
    """Open a file while no request to the network is answered; gives as `first_paint` does."""
    context = browser.new_context()
    context.route(is_outside, lambda route: None)
    page = context.new_page()
    page.goto(file.as_uri(), wait_until="commit")
    painted = first_paint(page, within=within)
    context.close()
    return painted


def text_without_scripts(browser: Browser, file: Path) -> str:
    """Read what a file says on a desk's screen while no script may run and the network is cut."""
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 1280, "height": 800}
    )
    context.route(is_outside, lambda route: route.abort())
    page = context.new_page()
    page.goto(file.as_uri())
    text = page.inner_text("body")
    context.close()
    return text


def drawn(page: Page, letters: str, *, of: str) -> dict[str, list[str]]:
    """Draw letters in the font of a part: which have no shape, which look like another."""
    family = page.locator(of).first.evaluate("(part) => getComputedStyle(part).fontFamily")
    return dict(page.evaluate(_DRAWN, [list(letters), family]))


def printed(page: Page) -> PdfReader:
    """Print a page as a tagged PDF, on the paper that its style sheet asks for."""
    page.emulate_media(media="print")
    return PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, tagged=True)))


def tagged_images(pdf: PdfReader) -> list[str]:
    """List the alternative texts of the pictures in a PDF's structure."""
    found: list[str] = []
    waiting: list[Any] = [pdf.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop().get_object()
        if isinstance(node, list):
            waiting.extend(reversed(node))
        elif isinstance(node, dict):
            if "/Alt" in node:
                found.append(str(node["/Alt"]))
            if "/K" in node:
                waiting.append(node["/K"])
    return found
