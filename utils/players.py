"""Pictures that move: races over a landscape and flipbooks, with a play button and a slider, and their script.

They run in stored notebooks without a kernel and load nothing; where scripts do not run they are a still picture.
"""

import base64
import hashlib
import html
import io
import json

import numpy as np

from utils.plots import contours, look, path


def race(landscape, paths, title="", frames=60, seconds=6.0, width=5.6, height=3.9):
    """Let methods race over a landscape: an animation with a play button and a slider that displays itself in
    a notebook.

    landscape : Landscape with dim 2
    paths : dict from a method (see `plots.look`) to its points, each of shape (steps + 1, 2) with equal numbers of
        steps
    title : str, should state the finding.  frames : int, how many moments are shown.  seconds : float, length
        of the film
    width, height : float, inches
    Returns a Race.
    """
    paths = {method: np.asarray(points, dtype=float) for method, points in paths.items()}
    shapes = {points.shape for points in paths.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2 or next(iter(shapes))[1] != 2:
        raise ValueError(f"race: expected paths of one shape (steps + 1, 2), got shapes {sorted(shapes)}")
    return Race(landscape, paths, title, frames, seconds, (width, height))


class Race:
    """An animated race, see `race`. In a notebook it is a player; where scripts do not run, the finished race
    as a picture.

    The output depends only on the arguments: no random identifiers and no dates, so stored notebooks stay the
    same.
    """

    dpi = 80

    def __init__(self, landscape, paths, title, frames, seconds, size):
        self.landscape, self.paths, self.title = landscape, paths, title
        self.steps = len(next(iter(paths.values()))) - 1
        self.moments = np.unique(np.linspace(0, self.steps, frames).round().astype(int))
        self.seconds, self.size = seconds, size

    def __repr__(self):
        return f"Race of {', '.join(self.paths)} on {self.landscape.name}, {self.steps} steps"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {
            "text/plain": repr(self),
            "text/html": self.html(),
            "image/png": _base64(self._picture(finished=True)[0]),
        }

    def html(self):
        """Return the player as a str of HTML with nothing loaded from elsewhere."""
        png, box = self._picture(finished=False)
        left, top, right, bottom = box
        width, height = (round(self.dpi * inches) for inches in self.size)
        (x0, x1), (y0, y1) = self.landscape.bounds
        lines, legend = [], []
        for row, (method, points) in enumerate(self.paths.items()):
            color = look(method)["color"]
            away = np.nan_to_num(points, nan=1e6, posinf=1e6, neginf=-1e6)
            x = left + (away[:, 0] - x0) / (x1 - x0) * (right - left)
            y = bottom - (away[:, 1] - y0) / (y1 - y0) * (bottom - top)
            pixels = np.clip(np.stack([x, y], axis=1), -5000, 5000).round(1)
            lines.append({"color": color, "points": pixels.tolist()})
            legend.append(
                f'<circle cx="{left + 14}" cy="{top + 16 + 17 * row}" r="5" fill="{color}"/>'
                f'<text x="{left + 25}" y="{top + 20 + 17 * row}">{method}</text>'
            )
        drawn = ""
        for line in lines:
            corners = " ".join(f"{x},{y}" for x, y in line["points"])
            (x, y), color = line["points"][-1], line["color"]
            drawn += f'<polyline fill="none" stroke="{color}" stroke-width="2" points="{corners}"/>'
            drawn += f'<circle r="5" stroke="white" fill="{color}" cx="{x}" cy="{y}"/>'
        moments = self.moments.tolist()
        labels = [f"step {moment}" for moment in moments]
        lines = [line["points"] for line in lines]
        data = {"lines": lines, "moments": moments, "labels": labels, "ms": 1000 * self.seconds}
        body = (
            f'<div style="width:{width}px;font:13px sans-serif;color:#000;background:#fff">'
            f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
            f"<title>{self!r}</title>"
            f'<image href="data:image/png;base64,{_base64(png)}" width="{width}" height="{height}"/>'
            f'<clipPath id="ID-clip"><rect x="{left}" y="{top}" '
            f'width="{right - left:.1f}" height="{bottom - top:.1f}"/></clipPath>'
            f'<g clip-path="url(#ID-clip)" class="lines">{drawn}</g>'
            f'<g style="font:12px sans-serif">{"".join(legend)}</g></svg>'
            f"{_controls(len(self.moments), f'step {self.steps}')}</div>"
        )
        return _player("race", body, data, _SHOW_RACE)

    def _picture(self, finished):
        """Draw contours, and the whole paths if `finished`. Returns PNG bytes and the axes' pixel box (left,
        top, right, bottom)."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=self.size, dpi=self.dpi, layout="none")  # no pyplot: nothing is shown or left open
        ax = contours(figure.add_axes((0.13, 0.14, 0.84, 0.76)), self.landscape)
        ax.set_title(self.title)
        if finished:
            for method, points in self.paths.items():
                path(ax, points, method, marks=False)
            ax.legend(loc="upper left")
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
        box = ax.get_position()
        width, height = (round(self.dpi * inches) for inches in self.size)
        edges = (box.x0 * width, (1 - box.y1) * height, box.x1 * width, (1 - box.y0) * height)
        return buffer.getvalue(), tuple(round(float(edge), 1) for edge in edges)


def flipbook(draw, frames, label="step", title="", seconds=6.0, width=5.6, height=3.9):
    """Show one picture after the other: a player with a play button and a slider that displays itself in a notebook.

    draw : callable (ax, frame) that draws one frame on empty axes; give all frames the same limits
    frames : sequence of values to draw; the last one stands still where scripts do not run
    label : str, what the slider says before the frame's value.  title : str, should state the finding
    seconds : float, length of the film.  width, height : float, inches
    Returns a Flipbook. Raises ValueError if there are no frames, or if together they are too large to be stored.
    """
    frames = list(frames)
    if not frames:
        raise ValueError("flipbook: expected at least one frame, got none")
    labels = [f"{label} {frame:g}" if isinstance(frame, float) else f"{label} {frame}" for frame in frames]
    return Flipbook([_page(draw, frame, title, (width, height)) for frame in frames], labels, seconds, (width, height))


def _page(draw, frame, title, size):
    """Draw a frame and return it as PNG bytes of at most 64 colours."""
    from matplotlib.figure import Figure
    from PIL import Image

    figure = Figure(figsize=size, dpi=Flipbook.dpi, layout="constrained")  # no pyplot: nothing is shown or left open
    ax = figure.subplots()
    if title:
        ax.set_title(title)
    draw(ax, frame)
    raw, small = io.BytesIO(), io.BytesIO()
    figure.savefig(raw, format="png", metadata={"Software": None})
    Image.open(raw).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(small, format="png", optimize=True)
    return small.getvalue()


class Flipbook:
    """Pictures in a row, see `flipbook`. In a notebook it is a player; where scripts do not run, the last picture.

    The output depends only on the pictures: no random identifiers and no dates, so stored notebooks stay the same.
    """

    dpi = 80
    most = 480_000  # characters of HTML

    def __init__(self, pages, labels, seconds, size):
        self.pages, self.labels, self.seconds, self.size = pages, labels, seconds, size
        if len(self.html()) > self.most:
            raise ValueError(
                f"flipbook: {len(pages)} frames take {len(self.html()):,} characters, expected at most {self.most:,}; "
                "show fewer or smaller ones"
            )

    def __repr__(self):
        return f"Flipbook of {len(self.pages)} pictures, {self.labels[0]} to {self.labels[-1]}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": repr(self), "text/html": self.html(), "image/png": _base64(self.pages[-1])}

    def html(self):
        """Return the player as a str of HTML with nothing loaded from elsewhere."""
        width, height = (round(self.dpi * inches) for inches in self.size)
        body = (
            f'<div style="width:{width}px;font:13px sans-serif;color:#000;background:#fff">'
            f'<img src="data:image/png;base64,{_base64(self.pages[-1])}" width="{width}" height="{height}" '
            f'alt="{html.escape(repr(self))}">{_controls(len(self.pages), self.labels[-1])}</div>'
        )
        others = [_base64(page) for page in self.pages[:-1]]  # the last one is already there
        return _player(
            "flipbook", body, {"pages": others, "labels": self.labels, "ms": 1000 * self.seconds}, _SHOW_PAGE
        )


def _base64(png):
    return base64.b64encode(png).decode()


def _controls(count, text):
    """Return a play button, a slider over `count` frames that stands at the last one, and a text beside it."""
    return (
        '<div style="display:flex;align-items:center;gap:8px">'
        '<button type="button" aria-label="play or pause">▶</button>'
        f'<input type="range" aria-label="step" style="flex:1" min="0" max="{count - 1}" value="{count - 1}">'
        f'<output style="min-width:6.5em">{html.escape(text)}</output></div>'
    )


def _player(kind, body, data, show):
    """Return a player: its elements, and the script that gives them life."""
    data = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")  # no label ends the script
    name = f"{kind}-{hashlib.sha256((body + data).encode()).hexdigest()[:12]}"
    body = body.replace("ID-clip", f"{name}-clip").replace("<div ", f'<div id="{name}" ', 1)
    return f"{body}<script>({_PLAYER})({json.dumps(name)},{data},{show})</script>"


# shows frame `frame` of a race: every path up to there, its dot at the end
_SHOW_RACE = """function (root, data, frame) {
  const lines = root.querySelectorAll("polyline"), dots = root.querySelectorAll(".lines circle");
  const step = data.moments[frame];
  data.lines.forEach(function (points, i) {
    lines[i].setAttribute("points", points.slice(0, step + 1).join(" "));
    dots[i].setAttribute("cx", points[step][0]);
    dots[i].setAttribute("cy", points[step][1]);
  });
}"""

# shows page `frame` of a flipbook; the last one is the picture that was there at first
_SHOW_PAGE = """function (root, data, frame) {
  const image = root.querySelector("img");
  root.dataset.last = root.dataset.last || image.src;
  const page = data.pages[frame];
  image.src = page ? "data:image/png;base64," + page : root.dataset.last;
}"""

_PLAYER = """function (id, data, draw) {
  const root = document.getElementById(id);
  if (!root || root.dataset.ready) return;
  root.dataset.ready = "1";
  const button = root.querySelector("button"), slider = root.querySelector("input");
  const text = root.querySelector("output");
  const last = data.labels.length - 1;
  let timer = null;
  function show(frame) {
    draw(root, data, frame);
    slider.value = frame;
    text.textContent = data.labels[frame];
  }
  function pause() {
    clearInterval(timer);
    timer = null;
    button.textContent = "\\u25b6";
  }
  button.onclick = function () {
    if (timer) return pause();
    if (Number(slider.value) >= last) show(0);
    button.textContent = "\\u275a\\u275a";
    timer = setInterval(function () {
      if (!root.isConnected || Number(slider.value) >= last) return pause();
      show(Number(slider.value) + 1);
    }, data.ms / data.labels.length);
  };
  slider.oninput = function () { pause(); show(Number(slider.value)); };
}"""
