import base64
import io
import re

import matplotlib

matplotlib.use("Agg")
import numpy as np
import pytest
from PIL import Image

from utils import landscapes, players


@pytest.fixture(scope="module")
def race():
    line = np.stack([np.linspace(-1, 1, 101), np.linspace(2, 0, 101)], axis=1)
    return players.race(landscapes.rosenbrock(), {"SGD": line, "Adam": line[::-1]}, title="A race", frames=11)


def test_race_output_is_reproducible(race):
    other = players.race(race.landscape, race.paths, title="A race", frames=11)
    assert race._repr_mimebundle_() == other._repr_mimebundle_()


def test_race_fits_its_budget(race):
    assert sum(map(len, race._repr_mimebundle_().values())) < 500_000


def test_race_loads_nothing_from_elsewhere(race):
    assert not re.search(r'(src|href)="(?!data:)', race.html())


def test_race_ends_where_the_paths_end(race):
    # (1, 0) lies three quarters of the way from -2 to 2 across, and one quarter from -1 to 3 up
    left, top, right, bottom = race._picture(finished=False)[1]
    x, y = map(float, re.search(r'cx="([\d.]+)" cy="([\d.]+)"/><polyline', race.html()).groups())
    assert (x - left) / (right - left) == pytest.approx(0.75, abs=1e-3)
    assert (bottom - y) / (bottom - top) == pytest.approx(0.25, abs=1e-3)


def test_race_has_a_picture_where_scripts_do_not_run(race):
    png = base64.b64decode(race._repr_mimebundle_()["image/png"])
    assert Image.open(io.BytesIO(png)).size == (448, 312)


def test_race_repr_is_stable(race):
    assert repr(race) == "Race of SGD, Adam on Rosenbrock, 100 steps"


def test_race_accepts_paths_that_diverge():
    path = np.array([[0.0, 0.0], [np.inf, np.nan], [1e300, -1e300]])
    data = players.race(landscapes.beale(), {"SGD": path}).html().split("</svg>")[1]
    assert "nan" not in data.lower() and "infinity" not in data.lower()


def test_race_rejects_unequal_paths():
    with pytest.raises(ValueError, match="one shape"):
        players.race(landscapes.beale(), {"SGD": np.zeros((3, 2)), "Adam": np.zeros((4, 2))})


def waves(ax, k):
    ax.plot(np.sin(k * np.linspace(0, 3, 50)))


@pytest.fixture(scope="module")
def flipbook():
    return players.flipbook(waves, range(1, 6), label="frequency", title="Waves", width=3, height=2)


def test_flipbook_shows_every_frame_once(flipbook):
    pages = re.findall(r'"pages":\[(.*?)\]', flipbook.html())[0].split(",")
    still = re.search(r'<img src="data:image/png;base64,([^"]+)"', flipbook.html()).group(1)
    assert len({*pages, still}) == 5
    assert base64.b64decode(still) == flipbook.pages[-1] == base64.b64decode(flipbook._repr_mimebundle_()["image/png"])
    assert flipbook.labels == [f"frequency {k}" for k in range(1, 6)]


def test_flipbook_output_is_reproducible(flipbook):
    other = players.flipbook(waves, range(1, 6), label="frequency", title="Waves", width=3, height=2)
    assert other._repr_mimebundle_() == flipbook._repr_mimebundle_()


def test_flipbook_loads_nothing_from_elsewhere(flipbook):
    assert not re.search(r'(src|href)="(?!data:)', flipbook.html())


def test_flipbook_label_cannot_end_the_script():
    page = players.flipbook(lambda ax, text: ax.plot([0, 1]), ["</script><b>"], width=2, height=2).html()
    assert page.count("</script>") == 1 and "<b>" not in page


def test_flipbook_refuses_what_is_too_large():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"flipbook: 9 frames take .* characters, expected at most 480,000"):
        players.flipbook(lambda ax, k: ax.imshow(rng.normal(size=(300, 300)), aspect="auto"), range(9))


def test_flipbook_refuses_no_frames():
    with pytest.raises(ValueError, match="at least one frame"):
        players.flipbook(waves, [])
