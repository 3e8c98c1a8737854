"""Pictures. One colour and one marker for each method, in every chapter, told apart by colour-blind eyes.

Functions that draw take `ax` first and return it. Colours: Okabe and Ito (2008).
"""

import base64
import io

import numpy as np

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#777777"
AREA = 4e-3  # share of a picture from which a colour is that of an area
DENSITY = 2  # pixels of a stored picture for each on the screen

METHODS = {
    "SGD": (BLUE, "o"),
    "momentum": (VERMILLION, "s"),
    "Nesterov": (GREEN, "^"),
    "AdaGrad": (PURPLE, "D"),
    "RMSProp": (ORANGE, "v"),
    "Adam": (BLACK, "P"),
    "AdamW": (SKY, "X"),
    "AdaDelta": (GREY, "<"),
    "Adamax": ("#882255", ">"),
    "Nadam": ("#999933", "p"),
    # second-order and matrix methods
    "Newton": ("#332288", "h"),
    "conjugate gradients": ("#44AA99", "d"),
    "BFGS": ("#AA4499", "*"),
    "L-BFGS": ("#117733", "H"),
    "Gauss-Newton": ("#661100", "8"),
    "Muon": ("#CC6677", "1"),
}
# how the weights start: never drawn beside methods, so that colours may be used again
STARTS = {
    "too small": (SKY, "v"),
    "too large": (PURPLE, "^"),
    "Xavier": (BLUE, "o"),
    "He": (ORANGE, "s"),
    "orthogonal": (GREEN, "D"),
    "measured": (BLACK, "X"),
}
# what keeps activations in order
NORMS = {
    "no norm": (BLUE, "o"),
    "batch norm": (VERMILLION, "s"),
    "layer norm": (GREEN, "^"),
    "group norm": (PURPLE, "D"),
    "RMS norm": (ORANGE, "v"),
}


def look(method):
    """Return the colour and marker of a method, a start or a norm as a dict for matplotlib.

    method : str, a name out of `METHODS`, `STARTS` or `NORMS`, or such a name followed by a comma and a remark
        ("momentum, .9")
    Raises ValueError for any other name, so that no method appears in two colours.
    """
    name = method.split(",")[0]
    known = METHODS | STARTS | NORMS
    if name not in known:
        raise ValueError(f"look: expected a method out of {', '.join(known)}, got {method!r}")
    color, marker = known[name]
    return {"color": color, "marker": marker}


def style():
    """Set the course's matplotlib defaults: size, resolution, type, a light grid, no box."""
    import matplotlib as mpl

    mpl.rcParams.update(
        {
            "figure.figsize": (7.0, 3.8),
            "figure.dpi": 80,
            "figure.constrained_layout.use": True,
            "font.size": 10.5,
            "axes.titlesize": 11.5,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.prop_cycle": mpl.cycler(color=[BLUE, VERMILLION, GREEN, PURPLE, ORANGE, BLACK, SKY]),
            "grid.color": "#dddddd",
            "grid.linewidth": 0.6,
            "lines.linewidth": 1.8,
            "lines.markersize": 5,
            "legend.frameon": False,
            "legend.fontsize": 9.5,
        }
    )


def contours(ax, landscape, levels=None, points=200, fill=True):
    """Draw a two-dimensional landscape as contour lines, darker where it is lower; mark its minimum with a
    star.

    landscape : Landscape with dim 2.  levels : heights, by default the landscape's.  points : grid points
        along each axis
    """
    if landscape.dim != 2:
        raise ValueError(f"contours: expected a landscape of dimension 2, got {landscape.dim}")
    (x0, x1), (y0, y1) = landscape.bounds
    x, y = np.meshgrid(np.linspace(x0, x1, points), np.linspace(y0, y1, points))
    height = landscape(np.stack([x, y], axis=-1))
    levels = np.unique(landscape.levels if levels is None else levels)
    if fill:
        shades = [str(shade) for shade in np.linspace(0.82, 1.0, len(levels) + 1)]
        ends = min(levels[0], height.min()) - 1, max(levels[-1], height.max()) + 1
        ax.contourf(x, y, height, [ends[0], *levels, ends[1]], colors=shades)
    ax.contour(x, y, height, levels, colors="#a5a5a5", linewidths=0.5, linestyles="solid")
    ax.plot(*landscape.minimum, marker="*", color=BLACK, markersize=11, linestyle="none", zorder=5)
    ax.set(xlim=(x0, x1), ylim=(y0, y1), xlabel="θ₁", ylabel="θ₂")
    ax.grid(False)
    return ax


def path(ax, points, method, label=None, marks=True, **line):
    """Draw where a method went.

    points : ndarray, shape (steps + 1, 2), for instance from `utils.training.trace`
    method : str, see `look`.  label : str for the legend, by default the method.  marks : bool, a marker at
        every step
    line : further matplotlib line properties, which win
    """
    points = np.asarray(points, dtype=float)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"path: expected points of shape (steps + 1, 2), got shape {points.shape}")
    drawn = {**look(method), "markersize": 4, "linewidth": 1.5, "label": label or method, **line}
    if not marks:
        drawn["marker"] = None
    ax.plot(points[:, 0], points[:, 1], **drawn)
    return ax


def curves(ax, values, method, x=None, label=None, band=True, marks=8, **line):
    """Draw a curve on a logarithmic axis, or the median of several runs with a band from the lowest to the
    highest.

    values : ndarray, shape (steps,) or (runs, steps), positive
    x : ndarray, shape (steps,), by default 0, 1, ....  marks : int, markers along the line, 0 for none
    """
    values = np.atleast_2d(np.asarray(values, dtype=float))
    if values.ndim != 2:
        raise ValueError(f"curves: expected values of shape (steps,) or (runs, steps), got shape {values.shape}")
    x = np.arange(values.shape[1]) if x is None else np.asarray(x)
    drawn = {**look(method), "label": label or method, **line}
    if marks and drawn["marker"]:
        drawn["markevery"] = max(1, len(x) // marks)
    else:
        drawn["marker"] = None
    ax.plot(x, np.median(values, axis=0), **drawn)
    if band and len(values) > 1:
        ax.fill_between(x, values.min(axis=0), values.max(axis=0), color=drawn["color"], alpha=0.18, linewidth=0)
    ax.set_yscale("log")
    return ax


def sensitivity(ax, rates, losses, method, label=None, band=True, **line):
    """Draw the loss against the learning rate, both logarithmic, with a ring round the best rate.

    rates : ndarray, shape (R,).  losses : ndarray, shape (R,) or (runs, R); inf and nan are left out, so a
        divergence ends the line
    """
    rates, losses = np.asarray(rates, dtype=float), np.atleast_2d(np.asarray(losses, dtype=float))
    if losses.shape[-1] != len(rates):
        raise ValueError(
            f"sensitivity: expected losses of shape ({len(rates)},) or (runs, {len(rates)}), got {losses.shape}"
        )
    middle = np.median(losses, axis=0)
    middle[~np.isfinite(middle)] = np.nan
    drawn = {**look(method), "label": label or method, **line}
    ax.plot(rates, middle, **drawn)
    if band and len(losses) > 1:
        clean = np.where(np.isfinite(losses), losses, np.nan)
        alive = np.isfinite(clean).all(axis=0)
        low, high = clean[:, alive].min(axis=0), clean[:, alive].max(axis=0)
        ax.fill_between(rates[alive], low, high, color=drawn["color"], alpha=0.18, linewidth=0)
    best = np.nanargmin(middle)
    ax.plot(
        rates[best],
        middle[best],
        "o",
        markersize=13,
        markerfacecolor="none",
        color=drawn["color"],
        markeredgewidth=1.8,
    )
    ax.set(xscale="log", yscale="log", xlabel="learning rate")
    return ax


def surface(ax, landscape, points=50, top=None):
    """Draw a two-dimensional landscape as a surface in space, darker where it is lower.

    ax : axes made with projection="3d"
    landscape : Landscape with dim 2.  points : grid points along each axis
    top : float, height at which the surface is cut off; by default it is not
    """
    if landscape.dim != 2:
        raise ValueError(f"surface: expected a landscape of dimension 2, got {landscape.dim}")
    (x0, x1), (y0, y1) = landscape.bounds
    x, y = np.meshgrid(np.linspace(x0, x1, points), np.linspace(y0, y1, points))
    height = np.minimum(landscape(np.stack([x, y], axis=-1)), np.inf if top is None else top)
    ax.plot_surface(x, y, height, cmap="cividis", linewidth=0, rcount=points, ccount=points, antialiased=False)
    ax.set(xticks=[], yticks=[], zticks=[])
    ax.set_xlabel("θ₁", labelpad=-14)
    ax.set_ylabel("θ₂", labelpad=-14)
    ax.set_box_aspect((1, 1, 0.65), zoom=1.05)
    return ax


def show(figure, alt, colors=64):
    """Display a figure with alternative text, sharp on dense screens, and close it.

    figure : matplotlib Figure
    alt : str, what somebody learns who cannot see it: what is drawn, and what it shows
    colors : int, how many the picture may have, at most 256; 64 are plenty but for shaded surfaces
    It depends on nothing but the figure, neither date nor version, so a stored notebook changes only when it does.
    Raises ValueError without a text, TypeError for anything but a figure.
    """
    import matplotlib.pyplot as plt
    from IPython.display import display
    from matplotlib.figure import Figure

    if not isinstance(figure, Figure):
        raise TypeError(f"show: expected a figure, as in fig, ax = plt.subplots(), got {type(figure).__name__}")
    alt = " ".join(alt.split()) if isinstance(alt, str) else ""
    if not alt:
        raise ValueError('show: expected alternative text, as in plots.show(fig, alt="Two curves; ..."), got none')
    data, width, height = png(figure, colors)
    plt.close(figure)
    shown = {"image/png": base64.b64encode(data).decode(), "text/plain": f"Figure: {alt}"}
    display(shown, raw=True, metadata={"image/png": {"alt": alt, "width": width, "height": height}})


def png(figure, colors=64, density=DENSITY):
    """Return a figure as PNG bytes, and its width and height on the screen.

    colors : int, how many the picture may have; those that lie close together become one
    density : float, pixels of the picture for each on the screen
    """
    image = picture(figure, density)
    return encoded(image, palette(image, colors)), round(image.width / density), round(image.height / density)


def picture(figure, density=DENSITY):
    """Return a figure as a Pillow image, see `png`."""
    from PIL import Image

    raw = io.BytesIO()
    figure.savefig(raw, format="png", dpi=density * figure.dpi, metadata={"Software": None})
    return Image.open(raw).convert("RGB")


def palette(image, colors):
    """Choose the colours to show an image in, as a Pillow image: the most frequent ones that differ well, then others.

    image : Pillow image.  colors : int, at most 256
    """
    from PIL import Image

    # a line covers little: dividing the space of colours by frequency alone would turn its colour into a grey
    counts = sorted(image.getcolors(image.width * image.height), reverse=True)
    found = np.array([color for _, color in counts], dtype=float)
    chosen, distance = [], np.full(len(found), np.inf)
    # an area's pale colour must not become its neighbour's, however many shades the edges of lines and letters have
    areas = np.array([count for count, _ in counts]) > AREA * image.width * image.height
    passes = [(areas, 9), *((True, least) for least in (48, 24, 12, 6, 3, 0))]
    for candidates, least in passes:  # least: levels of 256 by which two chosen colours differ
        while len(chosen) < colors and (free := candidates & (distance > least)).any():
            chosen.append(int(free.argmax()))
            distance = np.minimum(distance, np.linalg.norm(found - found[chosen[-1]], axis=1))
    shown = Image.new("P", (1, 1))
    shown.putpalette(found[chosen].astype(int).ravel().tolist())
    return shown


def encoded(image, colors):
    """Return an image as PNG bytes in the colours of a `palette`."""
    from PIL import Image

    shades = np.array(colors.getpalette(), dtype=float).reshape(-1, 3)
    packed = np.asarray(image).astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32)
    found, place = np.unique(packed, return_inverse=True)
    parts = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1).astype(float)
    # Pillow's own quantize looks the nearest colour up coarsely, and white comes out as a light grey
    nearest = ((shades**2).sum(axis=1) - 2 * parts @ shades.T).argmin(axis=1).astype(np.uint8)
    shown, small = Image.fromarray(nearest[place].reshape(packed.shape), "P"), io.BytesIO()
    shown.putpalette(colors.getpalette())
    shown.save(small, format="png", optimize=True)
    return small.getvalue()


def ranges(ax, values, colors):
    """Draw the median of each entry as a dot and its range as a line, one below the other, named at the left.

    values : dict from a name to the values of its seeds, shape (seeds,).  colors : dict from these names to colours
    """
    for row, (name, found) in enumerate(values.items()):
        low, middle, high = np.min(found), np.median(found), np.max(found)
        ax.plot([low, high], [row, row], color=colors[name], linewidth=3, alpha=0.35, solid_capstyle="butt")
        ax.plot([middle], [row], "o", color=colors[name], markersize=7)
    ax.set_yticks(range(len(values)), list(values))
    ax.set_ylim(len(values) - 0.5, -0.5)
    return ax


def runs(ax, found, color, label):
    """Draw each of several runs as a thin line of its own on logarithmic axes, with one entry in the legend.

    found : sequence of pairs (x, values), which may differ in length
    """
    for i, (x, values) in enumerate(found):
        ax.loglog(x, values, color=color, linewidth=0.9, alpha=0.8, label=None if i else label)
    return ax
