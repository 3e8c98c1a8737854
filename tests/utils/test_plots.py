import base64
import io

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from PIL import Image

from utils import landscapes, plots


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.mark.parametrize("family", [plots.METHODS, plots.STARTS, plots.NORMS])
def test_look_is_unique_within_a_family(family):
    looks = [tuple(plots.look(name).values()) for name in family]
    assert len({color for color, _ in looks}) == len({marker for _, marker in looks}) == len(looks)


def test_look_ignores_a_remark():
    assert plots.look("momentum, .99") == plots.look("momentum")


def test_look_rejects_unknown_methods():
    with pytest.raises(ValueError, match="got 'sgd'"):
        plots.look("sgd")


def test_contours_frame_the_landscape(ax):
    assert plots.contours(ax, landscapes.beale()) is ax
    assert (ax.get_xlim(), ax.get_ylim()) == ((-1, 4.5), (-2, 2))


def test_contours_reject_other_dimensions(ax):
    with pytest.raises(ValueError, match="dimension 2, got 3"):
        plots.contours(ax, landscapes.quadratic(hessian=np.eye(3)))


def test_path_draws_the_points_in_the_methods_colour(ax):
    plots.path(ax, [[0, 1], [2, 3]], "Adam")
    (line,) = ax.lines
    assert line.get_xydata().tolist() == [[0, 1], [2, 3]] and line.get_color() == plots.look("Adam")["color"]


def test_path_rejects_other_shapes(ax):
    with pytest.raises(ValueError, match=r"got shape \(3,\)"):
        plots.path(ax, [1, 2, 3], "Adam")


def test_curves_show_median_and_band(ax):
    plots.curves(ax, [[1, 2], [3, 4], [100, 5]], "SGD")
    assert ax.lines[0].get_ydata().tolist() == [3, 4]
    corners = ax.collections[0].get_paths()[0].vertices
    assert (corners[:, 1].min(), corners[:, 1].max()) == (1, 100)
    assert ax.get_yscale() == "log"


def test_sensitivity_rings_the_best_finite_rate(ax):
    plots.sensitivity(ax, [0.1, 1, 10], [3, 2, np.nan], "SGD")
    assert (ax.lines[1].get_xdata()[0], ax.lines[1].get_ydata()[0]) == (1, 2)


def test_sensitivity_rejects_other_lengths(ax):
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        plots.sensitivity(ax, [0.1, 1, 10], [3, 2], "SGD")


@pytest.fixture
def shell():
    """A place to display in."""
    shell = InteractiveShell.instance()
    yield shell
    InteractiveShell.clear_instance()


def figure(color=plots.BLUE):
    made, axes = plt.subplots(figsize=(3, 2), dpi=80)
    axes.plot([0, 1], [1, 0], color=color)
    return made


def shown(made, alt):
    with capture_output() as captured:
        plots.show(made, alt)
    (output,) = captured.outputs
    return output.data, output.metadata["image/png"]


def test_show_displays_a_dense_picture_with_its_text_and_closes_it(shell):
    made = figure()
    data, metadata = shown(made, "A line\n  that falls.")
    assert metadata == {"alt": "A line that falls.", "width": 240, "height": 160}
    assert data["text/plain"] == "Figure: A line that falls."
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.size == (480, 320) and image.mode == "P"
    assert not plt.fignum_exists(made.number)


def test_show_gives_the_same_bytes_again(shell):
    data, _ = shown(figure(), "A line.")
    assert data == shown(figure(), "A line.")[0]
    assert data != shown(figure(plots.ORANGE), "A line.")[0]
    assert set(Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).info) == set()  # no date, no version


@pytest.mark.parametrize("alt", ["", "  ", None, 3])
def test_show_wants_a_text(alt):
    with pytest.raises(ValueError, match="expected alternative text"):
        plots.show(figure(), alt)


def test_show_wants_a_figure(ax):
    with pytest.raises(TypeError, match="expected a figure, .* got Axes"):
        plots.show(ax, "axes")


def test_png_keeps_the_colours_of_lines():
    data, _, _ = plots.png(figure(plots.VERMILLION), colors=16)
    colors = {color for _, color in Image.open(io.BytesIO(data)).convert("RGB").getcolors(10**6)}
    assert (0xD5, 0x5E, 0x00) in colors and len(colors) <= 16


def test_palette_keeps_the_pale_colours_of_areas_apart():
    fig, ax = plt.subplots()
    for row, name in enumerate(plots.METHODS):  # lines in 16 colours have more shades at their edges than fit
        color = plots.look(name)["color"]
        ax.fill_between([0, 1], row, row + 0.9, color=color, alpha=0.18, linewidth=0)
        ax.plot(np.linspace(0, 1, 50), row + np.random.default_rng(row).random(50), color=color)
    image = plots.picture(fig)
    pixels = image.width * image.height
    areas = [color for count, color in image.getcolors(pixels) if count > 0.01 * pixels]
    shown = np.array(plots.palette(image, 64).getpalette()).reshape(-1, 3)
    plt.close(fig)
    assert len(areas) > 10 and max(np.abs(shown - color).max(axis=1).min() for color in areas) <= 6
