"""Heat maps of what a sweep over two settings found."""

import numpy as np
from matplotlib.colors import LogNorm


def heat_map(ax, values, rows, columns, low, high):
    """Draw a table of positive numbers as shades on a logarithmic scale, dark is low, each with its number.

    values : ndarray, shape (rows, columns), from which the axes run upwards and to the right; inf is shown as ∞, in the
        shade of `high`
    rows, columns : what stands at the axes.  low, high : floats > 0, where the shades end
    """
    values = np.asarray(values, dtype=float)
    if values.shape != (len(rows), len(columns)):
        raise ValueError(f"heat_map: expected values of shape ({len(rows)}, {len(columns)}), got {values.shape}")
    shades = LogNorm(low, high)
    ax.imshow(np.clip(values, low, high), cmap="cividis", norm=shades, origin="lower", aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        dark = shades(np.clip(value, low, high)) < 0.55
        text = _short(value) if np.isfinite(value) else "∞"
        ax.text(column, row, text, ha="center", va="center", color="white" if dark else "black", fontsize=9.5)
    ax.set_xticks(range(len(columns)), [f"{column:g}" for column in columns])
    ax.set_yticks(range(len(rows)), [f"{row:g}" for row in rows])
    ax.grid(False)
    return ax


def _short(value):
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"[1:]
