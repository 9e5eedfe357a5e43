// Every label of the drawings on show, as the screen has it: where its ink lies (not its line's
// box), how high its letters are, its colour, the colour behind it, and the marks that run into it.
() => {
  const pen = document.createElement("canvas").getContext("2d");
  const onScreen = (points, matrix) => {
    const seen = points.map(([x, y]) => new DOMPoint(x, y).matrixTransform(matrix));
    const [xs, ys] = [seen.map((p) => p.x), seen.map((p) => p.y)];
    return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
  };
  // Blanks at the ends are not drawn, so they keep nothing apart; no-break spaces are.
  const wordsOf = (text) => text.textContent.replace(/^[ \n]+|[ \n]+$/g, "");
  const inkOf = (text) => {
    const style = getComputedStyle(text);
    pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const ink = pen.measureText(wordsOf(text));
    const start = text.getStartPositionOfChar(0);
    const [left, right] = [start.x - ink.actualBoundingBoxLeft, start.x + ink.actualBoundingBoxRight];
    const [top, bottom] = [start.y - ink.actualBoundingBoxAscent, start.y + ink.actualBoundingBoxDescent];
    const corners = [[left, top], [right, top], [left, bottom], [right, bottom]];
    return onScreen(corners, text.getScreenCTM());
  };
  const meet = (one, two) =>
    one.left < two.right && two.left < one.right && one.top < two.bottom && two.top < one.bottom;
  const faint = (style) => style.stroke === "none" || Number(style.strokeOpacity) < 1; // grid lines
  const runsInto = ({ mark, style, around, back, near }, box) => {
    if (!meet(around, box)) return false;
    if (mark.tagName === "use") return true;
    if (faint(style)) return false;
    const [left, right] = [Math.max(box.left, around.left), Math.min(box.right, around.right)];
    const [top, bottom] = [Math.max(box.top, around.top), Math.min(box.bottom, around.bottom)];
    for (let x = left; x <= right; x += 1)
      for (let y = top; y <= bottom; y += 1)
        if (near(x, y) && mark.isPointInStroke(new DOMPoint(x, y).matrixTransform(back))) return true;
    return false;
  };
  // Asking a long path about one point takes a tenth of a millisecond; most points lie far from its
  // stroke, which a drawing of it, two pixels broader, tells at once.
  const nearby = (mark, width, around) => {
    if (mark.tagName !== "path" || faint(getComputedStyle(mark))) return () => true;
    const [left, top] = [Math.floor(around.left) - 2, Math.floor(around.top) - 2];
    const sheet = new OffscreenCanvas(
      Math.ceil(around.right) - left + 4, Math.ceil(around.bottom) - top + 4,
    );
    const brush = sheet.getContext("2d");
    const { a, b, c, d, e, f } = mark.getScreenCTM();
    brush.setTransform(a, b, c, d, e - left, f - top);
    brush.lineWidth = width + 4 / Math.sqrt(Math.abs(a * d - b * c));
    brush.lineCap = "square";
    brush.stroke(new Path2D(mark.getAttribute("d")));
    const ink = brush.getImageData(0, 0, sheet.width, sheet.height).data;
    return (x, y) => ink[4 * (Math.floor(y - top) * sheet.width + Math.floor(x - left)) + 3] > 0;
  };
  const holds = ({ mark, style, around, back }, x, y) =>
    mark.tagName !== "use" && style.fill !== "none" &&
    x >= around.left && x <= around.right && y >= around.top && y <= around.bottom &&
    mark.isPointInFill(new DOMPoint(x, y).matrixTransform(back));
  // What the screen says of a mark is asked once: there are thousands, and each label asks.
  const placed = (mark) => {
    const style = getComputedStyle(mark);
    const told = { fill: style.fill, stroke: style.stroke, strokeOpacity: style.strokeOpacity };
    const edge = parseFloat(style.strokeWidth) || 0;
    const rect = mark.getBoundingClientRect();
    const around = {
      left: rect.left - edge, top: rect.top - edge, right: rect.right + edge, bottom: rect.bottom + edge,
    };
    const near = nearby(mark, edge, around);
    return { mark, style: told, around, back: mark.getScreenCTM().inverse(), near };
  };
  const drawings = [...document.querySelectorAll("svg")].filter((svg) => svg.checkVisibility());
  return drawings.flatMap((svg) => {
    const marks = [...svg.querySelectorAll("path,use,line,rect,circle,ellipse,polyline,polygon")]
      .filter((mark) => !mark.closest("defs,clipPath"))
      .map(placed);
    const paper = svg.getBoundingClientRect();
    const figure = svg.closest("figure")?.id ?? "";
    const texts = [...svg.querySelectorAll("text")].filter((text) => text.textContent.trim());
    return texts.map((text) => {
      const box = inkOf(text);
      const inner = {
        left: box.left + 0.5, top: box.top + 0.5, right: box.right - 0.5, bottom: box.bottom - 0.5,
      };
      const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
      const after = ({ mark }) => text.compareDocumentPosition(mark) & Node.DOCUMENT_POSITION_FOLLOWING;
      const under = marks.filter((mark) => holds(mark, x, y));
      const ground = under.filter((mark) => !after(mark)).at(-1);
      const matrix = text.getScreenCTM();
      const style = getComputedStyle(text);
      return {
        figure, text: wordsOf(text).trim(), ...box,
        size: parseFloat(style.fontSize) * Math.sqrt(Math.abs(matrix.a * matrix.d - matrix.b * matrix.c)),
        colour: style.fill,
        ground: ground ? ground.style.fill : getComputedStyle(document.body).backgroundColor,
        crossed: marks.some((mark) => runsInto(mark, inner)) || under.some(after),
        clipped: box.left < paper.left - 0.5 || box.right > paper.right + 0.5 ||
          box.top < paper.top - 0.5 || box.bottom > paper.bottom + 0.5,
      };
    });
  });
}
