"""Pictures that move: races over a landscape, flipbooks, and a bowl with sliders.

They run in stored notebooks without a kernel and load nothing. All that moves is built by their script: where scripts
do not run there are no dead controls but a still with a few moments side by side. JupyterLab runs the scripts of a
notebook that one has executed, and of a stored one only after "Trust Notebook"; a site needs a content security policy
that allows inline scripts, or shows the still.
"""

import base64
import hashlib
import html
import json
import math
from functools import cached_property

import numpy as np

from utils import landscapes, plots
from utils.plots import contours, encoded, look, palette, path, picture, png

INK, PAPER = "color:#000;background:#fff;color-scheme:light", "#fff"  # as in the pictures, whatever the theme
MOMENTS = 4  # in a still


def race(landscape, paths, title="", frames=60, seconds=6.0, width=5.6, height=3.9, alt=""):
    """Let methods race over a landscape: an animation with a play button and a slider that displays itself in
    a notebook.

    landscape : Landscape with dim 2
    paths : dict from a method (see `plots.look`) to its points, each of shape (steps + 1, 2) with equal numbers of
        steps
    title : str, should state the finding.  frames : int, how many moments are shown.  seconds : float, length
        of the film
    width, height : float, inches.  alt : str, what is seen, for those who cannot see it
    Returns a Race.
    """
    paths = {method: np.asarray(points, dtype=float) for method, points in paths.items()}
    shapes = {points.shape for points in paths.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2 or next(iter(shapes))[1] != 2:
        raise ValueError(f"race: expected paths of one shape (steps + 1, 2), got shapes {sorted(shapes)}")
    return Race(landscape, paths, title, frames, seconds, (width, height), alt)


class Player:
    """What displays itself as a player, and as a still where scripts do not run.

    The output depends only on the arguments: no random identifiers and no dates, so stored notebooks stay the same.
    A subclass has `kind`, `script`, `still` (PNG bytes, width, height) and `data()` (what the script is given), and
    sets `alt`.
    """

    def _repr_mimebundle_(self, include=None, exclude=None):
        still, width, height = self.still
        shown = {"text/plain": repr(self), "text/html": self.html(), "image/png": _base64(still)}
        return shown, {"image/png": {"alt": self.alt, "width": width, "height": height}}

    def html(self):
        """Return the player as a str of HTML with nothing loaded from elsewhere."""
        still, width, height = self.still
        body = (
            f'<img src="data:image/png;base64,{_base64(still)}" width="{width}" height="{height}" '
            f'alt="{html.escape(self.alt)}">'
        )
        data = json.dumps(self.data(), separators=(",", ":")).replace("<", "\\u003c")  # no label ends the script
        name = f"{self.kind}-{hashlib.sha256((body + data + self.script).encode()).hexdigest()[:12]}"
        return (
            f'<div id="{name}" style="width:fit-content;max-width:100%;font:13px sans-serif;{INK}">{body}</div>'
            f"<script>({self.script})({json.dumps(name)},{data})</script>"
        )


class Race(Player):
    """An animated race, see `race`."""

    kind = "race"

    def __init__(self, landscape, paths, title, frames, seconds, size, alt=""):
        self.landscape, self.paths, self.title = landscape, paths, title
        self.steps = len(next(iter(paths.values()))) - 1
        self.moments = np.unique(np.linspace(0, self.steps, frames).round().astype(int))
        self.labels = [f"step {moment}" for moment in self.moments]
        self.seconds, self.size = seconds, size
        self.alt = alt or f"{title}. {self!r}".removeprefix(". ")

    @property
    def script(self):
        return _PLAYER.replace("DRAW", _SHOW_RACE)

    def __repr__(self):
        return f"Race of {', '.join(self.paths)} on {self.landscape.name}, {self.steps} steps"

    @cached_property
    def still(self):
        """Draw the race at a few moments side by side."""
        from matplotlib.figure import Figure

        moments = _spread(len(self.moments))
        width, height = self.size
        # no pyplot: nothing is shown or left open
        figure = Figure(figsize=(1.5 * width, 1.5 * height), dpi=_SCREEN, layout="constrained")
        for ax, moment in zip(figure.subplots(2, 2, sharex=True, sharey=True).flat, moments, strict=False):
            step = self.moments[moment]
            contours(ax, self.landscape)
            for method, points in self.paths.items():
                path(ax, points[: step + 1], method, marks=False)
                ax.plot(*points[step], **look(method), markersize=7, markeredgecolor="white", linestyle="none")
            ax.set_title(f"step {step}")
            ax.label_outer()
        figure.axes[0].legend(loc="upper left")
        figure.suptitle(self.title, fontweight="bold")
        return png(figure, density=FILM_DENSITY)

    def data(self):
        background, box = self._background()
        lines = [self._pixels(points, box).tolist() for points in self.paths.values()]
        return {
            "stage": self._stage(background, box),
            "lines": lines,
            "moments": self.moments.tolist(),
            "labels": self.labels,
            "ms": 1000 * self.seconds,
        }

    def _stage(self, background, box):
        """Return the picture that the script draws into: contours, an empty line and a dot for each method, names."""
        width, height = (round(_SCREEN * inches) for inches in self.size)
        left, top, right, bottom = box
        drawn, names = "", ""
        for row, method in enumerate(self.paths):
            color = look(method)["color"]
            drawn += f'<polyline fill="none" stroke="{color}" stroke-width="2"/>'
            drawn += f'<circle r="5" stroke="white" fill="{color}"/>'
            names += f'<circle cx="{left + 14}" cy="{top + 16 + 17 * row}" r="5" fill="{color}"/>'
            names += f'<text x="{left + 25}" y="{top + 20 + 17 * row}">{html.escape(method)}</text>'
        return (
            f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" style="max-width:100%;display:block">'
            f"<title>{html.escape(self.alt)}</title>"
            f'<image href="data:image/png;base64,{_base64(background)}" width="{width}" height="{height}"/>'
            f'<svg x="{left}" y="{top}" width="{right - left:.1f}" height="{bottom - top:.1f}" '
            f'viewBox="{left} {top} {right - left:.1f} {bottom - top:.1f}" class="lines">{drawn}</svg>'
            f'<g style="font:12px sans-serif">{names}</g></svg>'
        )

    def _pixels(self, points, box):
        """Return where points lie in the picture, shape (steps + 1, 2); what diverges lies far outside."""
        left, top, right, bottom = box
        (x0, x1), (y0, y1) = self.landscape.bounds
        away = np.nan_to_num(points, nan=1e6, posinf=1e6, neginf=-1e6)
        x = left + (away[:, 0] - x0) / (x1 - x0) * (right - left)
        y = bottom - (away[:, 1] - y0) / (y1 - y0) * (bottom - top)
        return np.clip(np.stack([x, y], axis=1), -5000, 5000).round(1)

    def _background(self):
        """Draw the contours. Returns PNG bytes and the axes' pixel box (left, top, right, bottom)."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=self.size, dpi=_SCREEN, layout="none")
        ax = contours(figure.add_axes((0.13, 0.14, 0.84, 0.76)), self.landscape)
        ax.set_title(self.title)
        contour_map, width, height = png(figure)
        box = ax.get_position()
        edges = (box.x0 * width, (1 - box.y1) * height, box.x1 * width, (1 - box.y0) * height)
        return contour_map, tuple(round(float(edge), 1) for edge in edges)


def flipbook(draw, frames, label="step", title="", seconds=6.0, width=5.6, height=3.9, alt=""):
    """Show one picture after the other: a player with a play button and a slider that displays itself in a notebook.

    draw : callable (ax, frame) that draws one frame on empty axes; give all frames the same limits
    frames : sequence of values to draw; where scripts do not run some of them stand side by side
    label : str, what the slider says before the frame's value.  title : str, should state the finding
    seconds : float, length of the film.  width, height : float, inches
    alt : str, what is seen, for those who cannot see it
    Returns a Flipbook. Raises ValueError if there are no frames, or if together they are too large to be stored.
    """
    frames = list(frames)
    if not frames:
        raise ValueError("flipbook: expected at least one frame, got none")
    labels = [f"{label} {frame:g}" if isinstance(frame, float) else f"{label} {frame}" for frame in frames]
    pages = [_page(draw, frame, title, (width, height)) for frame in frames]
    return Flipbook(pages, labels, seconds, (width, height), f"{title}. {alt}".strip(". ") if alt or title else "")


def _page(draw, frame, title, size):
    """Draw a frame and return it as a Pillow image."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, dpi=_SCREEN, layout="constrained")  # no pyplot: nothing is left open
    ax = figure.subplots()
    if title:
        ax.set_title(title)
    draw(ax, frame)
    return picture(figure, FILM_DENSITY)


class Flipbook(Player):
    """Pictures in a row, see `flipbook`. They share one palette, so that nothing changes its colour."""

    kind = "flipbook"
    most = 480_000  # characters of HTML

    def __init__(self, pages, labels, seconds, size, alt=""):
        """pages : Pillow images of one size."""
        self.labels, self.seconds, self.size = labels, seconds, size
        self.alt = alt or f"{self!r}"
        self.palette = _palette(pages)
        self.still = _sheet([pages[i] for i in _spread(len(pages))], self.palette)
        self.pages = [encoded(page, self.palette) for page in pages]
        if len(self.html()) > self.most:
            raise ValueError(
                f"flipbook: {len(pages)} frames take {len(self.html()):,} characters, expected at most {self.most:,}; "
                "show fewer or smaller ones"
            )

    @property
    def script(self):
        return _PLAYER.replace("DRAW", _SHOW_PAGE)

    def __repr__(self):
        return f"Flipbook of {len(self.labels)} pictures, {self.labels[0]} to {self.labels[-1]}"

    def data(self):
        width = round(_SCREEN * self.size[0])
        stage = f'<img alt="{html.escape(self.alt)}" width="{width}" style="max-width:100%;display:block">'
        pages = [_base64(page) for page in self.pages]
        return {"stage": stage, "pages": pages, "labels": self.labels, "ms": 1000 * self.seconds}


_SCREEN = 80  # pixels of the screen to an inch
FILM_DENSITY = 1.5  # of a flipbook, which would be too large at the density of a single picture
FILM_COLORS = 64


def _spread(count):
    """Return the positions of a few moments of a film, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, MOMENTS).round().astype(int)).tolist()


def _palette(pages):
    """Return one palette for all pages, as a Pillow image."""
    from PIL import Image

    width, height = pages[0].size
    strip = Image.new("RGB", (width, height * len(pages)))
    for row, page in enumerate(pages):
        strip.paste(page, (0, row * height))
    return palette(strip, FILM_COLORS)


def _sheet(pages, colors):
    """Put pages side by side, two in a row. Returns PNG bytes, and width and height on the screen."""
    from PIL import Image

    scale = 0.75 if len(pages) > 1 else 1.0
    width, height = (round(scale * side) for side in pages[0].size)
    rows, columns = (len(pages) + 1) // 2, min(len(pages), 2)
    sheet = Image.new("RGB", (columns * width, rows * height), PAPER)
    for i, page in enumerate(pages):
        small = page.resize((width, height), Image.Resampling.LANCZOS)
        sheet.paste(small, (i % 2 * width, i // 2 * height))
    return encoded(sheet, colors), round(sheet.width / FILM_DENSITY), round(sheet.height / FILM_DENSITY)


def _base64(picture):
    return base64.b64encode(picture).decode()


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

# shows page `frame` of a flipbook
_SHOW_PAGE = """function (root, data, frame) {
    root.querySelector("img").src = "data:image/png;base64," + data.pages[frame];
  }"""

_PLAYER = """function (id, data) {
  const root = document.getElementById(id);
  if (!root || root.dataset.ready) return;
  root.dataset.ready = "1";
  const draw = DRAW;
  root.innerHTML = data.stage + '<div style="display:flex;align-items:center;gap:8px;padding:2px 6px">' +
    '<button type="button" aria-label="play or pause">\\u25b6</button>' +
    '<input type="range" aria-label="step" style="flex:1" min="0" value="0">' +
    '<output style="min-width:6.5em"></output></div>';
  const button = root.querySelector("button"), slider = root.querySelector("input");
  const text = root.querySelector("output");
  const last = data.labels.length - 1;
  let timer = null;
  slider.max = last;
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
  show(0);
}"""


# --- a bowl with two sliders


def momentum_bowl(condition=25, lr=0.05, momentum=0.8, steps=100, alt=""):
    """Let two sliders choose the learning rate and the momentum on a bowl: the path, the loss, and how fast it shrinks.

    condition : float > 1, the bowl's condition number; its curvatures are 1 and `condition`
    lr, momentum : floats, where the sliders stand at first.  steps : int, how many updates are shown
    alt : str, what is seen, for those who cannot see it
    Returns a Bowl. Along an axis of curvature λ momentum obeys θ' = (1 + α - ελ) θ - α θ_before, whose solutions shrink
    in each update by the larger |eigenvalue|: √α where the roots are complex (Goh, 2017, "Why momentum really works").
    """
    if not condition > 1 or not 0 <= momentum < 1 or not lr > 0:
        raise ValueError(
            "momentum_bowl: expected condition > 1, lr > 0 and momentum in [0, 1), "
            f"got {condition}, {lr} and {momentum}"
        )
    return Bowl(condition, lr, momentum, steps, alt)


def momentum_on_bowl(condition, lr, momentum, steps):
    """Compute what `momentum_bowl` draws: the path, shape (steps + 1, 2), and the loss along it, shape (steps + 1,)."""
    curvatures = np.array([1.0, condition])
    here = before = landscapes.bowl(condition).start
    points = [here]
    with np.errstate(over="ignore", invalid="ignore"):
        while len(points) <= steps:
            here, before = (1 + momentum - lr * curvatures) * here - momentum * before, here
            points.append(here)
        points = np.stack(points)
        return points, 0.5 * points**2 @ curvatures


def contraction(curvature, lr, momentum):
    """Return by what factor an update shrinks the distance along an axis in the long run: the larger |eigenvalue|."""
    trace = 1 + momentum - lr * curvature
    inside = trace**2 - 4 * momentum
    return math.sqrt(momentum) if inside < 0 else (abs(trace) + math.sqrt(inside)) / 2


class Bowl(Player):
    """A bowl with sliders, see `momentum_bowl`."""

    kind = "bowl"

    def __init__(self, condition, lr, momentum, steps, alt=""):
        self.condition, self.lr, self.momentum, self.steps = condition, lr, momentum, steps
        self.alt = alt or (
            f"{self!r}. Three settings: plain descent creeps along the valley, momentum swings and arrives, "
            "too large a rate diverges."
        )

    def __repr__(self):
        return f"Momentum on a bowl of condition number {self.condition:g}, with sliders for rate and momentum"

    @property
    def script(self):
        return _BOWL

    def settings(self):
        """Return the three (learning rate, momentum) of the still: without momentum, as given, too large a rate."""
        return [(1 / self.condition, 0.0), (self.lr, self.momentum), (2.05 * (1 + 0.5) / self.condition, 0.5)]

    @cached_property
    def still(self):
        from matplotlib.figure import Figure

        landscape = landscapes.bowl(self.condition)
        figure = Figure(figsize=(9, 4.4), dpi=_SCREEN, layout="constrained")
        for (above, below), (lr, momentum) in zip(figure.subplots(2, 3).T, self.settings(), strict=True):
            points, loss = momentum_on_bowl(self.condition, lr, momentum, self.steps)
            worst = max(contraction(curvature, lr, momentum) for curvature in (1, self.condition))
            contours(above, landscape)
            above.plot(*points.T, ".-", color=plots.VERMILLION, markersize=4, linewidth=1)
            above.set_title(f"ε = {lr:.3g}, α = {momentum:g}")
            below.semilogy(loss, color=plots.VERMILLION)
            below.set(ylim=(1e-6 * loss[0], 1e2 * loss[0]), xlabel="update k", ylabel="loss")
            below.set_title(f"diverges: × {worst:.2f}" if worst > 1 else f"× {worst:.3f} an update")
        return png(figure)

    def data(self):
        start = landscapes.bowl(self.condition).start.round(6).tolist()
        rates = [0.1 / self.condition, 5 / self.condition]
        return {
            "condition": self.condition,
            "lr": self.lr,
            "momentum": self.momentum,
            "steps": self.steps,
            "start": start,
            "rates": rates,
            "alt": self.alt,
        }


# recomputes path and loss at every move of a slider; a panel is an <svg>, which clips what leaves it
_BOWL = """function (id, data) {
  const root = document.getElementById(id);
  if (!root || root.dataset.ready) return;
  root.dataset.ready = "1";
  const [a, b] = data.start, c = data.condition, W = 300, H = 210, top = 2, bottom = -6;
  const ellipses = [0.03, 0.12, 0.3, 0.6, 1, 1.5].map(s => `<ellipse cx="${W / 2}" cy="${H / 2}" fill="none"
    stroke="#a5a5a5" rx="${s * Math.SQRT2 * W / 2.5}" ry="${s * Math.SQRT2 * H / 2.5}"/>`).join("");
  const powers = [2, 0, -2, -4, -6].map(p => [p, (top - p) / (top - bottom) * H]);
  const grid = powers.map(([p, y]) => `<line x2="${W}" y1="${y}" y2="${y}" stroke="#ddd"/>`).join("");
  const ticks = powers.map(([p, y]) => `<text x="372" y="${y + 34}" text-anchor="end">10<tspan dy="-4"
    font-size="9">${p}</tspan></text>`).join("");
  const slider = (name, min, max, step) => `<label style="display:flex;gap:8px;align-items:center">
    <span style="width:8.5em">${name}</span><input type="range" min="${min}" max="${max}" step="${step}"
    style="flex:1"><output style="width:4em"></output></label>`;
  root.innerHTML = `<svg viewBox="0 0 690 270" width="690" role="img" style="max-width:100%;display:block;
    font:12px sans-serif"><title></title>
    <svg x="20" y="30" width="${W}" height="${H}" viewBox="0 0 ${W} ${H}">${ellipses}
      <polyline fill="none" stroke="#D55E00"/><path fill="#D55E00"/></svg>
    <svg x="378" y="30" width="${W}" height="${H}" viewBox="0 0 ${W} ${H}">${grid}
      <polyline fill="none" stroke="#D55E00" stroke-width="2"/></svg>
    <path d="M20 30v${H}h${W}M378 30v${H}h${W}" fill="none" stroke="#000"/>${ticks}
    <text x="20" y="20" font-weight="bold">path of ${data.steps} updates</text>
    <text x="378" y="20" font-weight="bold">loss, as part of the first</text>
    <text x="170" y="258" text-anchor="middle">θ₁, curvature 1 (θ₂: curvature ${c})</text>
    <text x="378" y="258">0</text><text x="528" y="258" text-anchor="middle">update k</text>
    <text x="678" y="258" text-anchor="end">${data.steps}</text></svg>
    <div style="padding:0 20px 8px">` + slider("learning rate ε", 0, 1, 0.005) +
    slider("momentum α", 0, 0.99, 0.01) + `<p style="margin:6px 0 0" aria-live="polite"></p></div>`;
  root.querySelector("title").textContent = data.alt;
  const [rate, alpha] = root.querySelectorAll("input"), said = root.querySelectorAll("output");
  const [path, loss] = root.querySelectorAll("polyline"), dots = root.querySelector("path");
  const span = Math.log(data.rates[1] / data.rates[0]), near = x => Math.max(-9e3, Math.min(9e3, x)).toFixed(1);
  const factor = (e, m, k) => {
    const t = 1 + m - e * k, d = t * t - 4 * m;
    return d < 0 ? Math.sqrt(m) : (Math.abs(t) + Math.sqrt(d)) / 2;
  };
  function show(e, m) {
    let x = a, y = b, u = a, v = b;
    const way = [], curve = [], first = a * a + c * b * b;
    for (let k = 0; k <= data.steps; k++) {
      const height = Math.log10((x * x + c * y * y) / first);
      if (height > 99) break;
      way.push([near(W / 2 + x / a * W / 2.5), near(H / 2 - y / b * H / 2.5)]);
      curve.push([near(k / data.steps * W), near((top - height) / (top - bottom) * H)]);
      [x, u] = [(1 + m - e) * x - m * u, x];
      [y, v] = [(1 + m - e * c) * y - m * v, y];
    }
    path.setAttribute("points", way.join(" "));
    loss.setAttribute("points", curve.join(" "));
    dots.setAttribute("d", way.map(([x, y]) => `M${x} ${y}m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0`).join(""));
    said[0].textContent = e.toPrecision(3);
    said[1].textContent = m.toFixed(2);
    const along = factor(e, m, 1), across = factor(e, m, c), worst = Math.max(along, across);
    const updates = Math.ceil(Math.log(0.1) / Math.log(worst));
    root.querySelector("p").textContent = `|eigenvalue| along the valley ${along.toFixed(3)}, across it ` +
      `${across.toFixed(3)}: ` + (worst > 1 ? "diverges" : worst < 1 ? `a tenth of the distance is left after ` +
      `${updates} update${updates > 1 ? "s" : ""}` : "neither shrinks nor grows");
  }
  const chosen = () => show(data.rates[0] * Math.exp(span * rate.value), Number(alpha.value));
  rate.value = Math.log(data.lr / data.rates[0]) / span;
  alpha.value = data.momentum;
  rate.oninput = alpha.oninput = chosen;
  show(data.lr, data.momentum);
}"""
