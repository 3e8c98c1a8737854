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
    assert sum(map(len, race._repr_mimebundle_()[0].values())) < 500_000


def test_race_loads_nothing_from_elsewhere(race):
    assert not re.search(r'(src|href)="(?!data:)', race.html())


def test_race_ends_where_the_paths_end(race):
    # (1, 0) lies three quarters of the way from -2 to 2 across, and one quarter from -1 to 3 up
    left, top, right, bottom = box = race._background()[1]
    x, y = race._pixels(race.paths["SGD"], box)[-1]
    assert (x - left) / (right - left) == pytest.approx(0.75, abs=1e-3)
    assert (bottom - y) / (bottom - top) == pytest.approx(0.25, abs=1e-3)
    assert race.data()["lines"][0][-1] == [x, y]


def still(player):
    """The picture that is there without scripts, and whether the page has the same one and no controls."""
    data, metadata = player._repr_mimebundle_()
    page = data["text/html"].split("<script>")[0]
    assert data["image/png"] in page and "<button" not in page and "<input" not in page
    assert f'alt="{metadata["image/png"]["alt"]}"' in page
    return Image.open(io.BytesIO(base64.b64decode(data["image/png"]))), metadata["image/png"]


def test_race_has_a_still_where_scripts_do_not_run(race):
    image, metadata = still(race)
    assert (metadata["width"], metadata["height"]) == (672, 468) and image.width > 672
    assert metadata["alt"] == "A race. Race of SGD, Adam on Rosenbrock, 100 steps"


def test_race_still_keeps_the_methods_colours(race):
    pixels = {color for _, color in still(race)[0].convert("RGB").getcolors(10**7)}
    assert {(0, 0x72, 0xB2), (0, 0, 0)} <= pixels


def test_race_repr_is_stable(race):
    assert repr(race) == "Race of SGD, Adam on Rosenbrock, 100 steps"


def test_race_accepts_paths_that_diverge():
    path = np.array([[0.0, 0.0], [np.inf, np.nan], [1e300, -1e300]])
    data = players.race(landscapes.beale(), {"SGD": path}).data()["lines"]
    data = str(data)
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
    assert len(set(pages)) == 5
    assert flipbook.labels == [f"frequency {k}" for k in range(1, 6)]


def test_flipbook_frames_share_one_palette(flipbook):
    palettes = {tuple(Image.open(io.BytesIO(page)).getpalette()) for page in flipbook.pages}
    assert len(palettes) == 1


def test_flipbook_still_shows_four_frames_side_by_side(flipbook):
    image, metadata = still(flipbook)
    assert (metadata["width"], metadata["height"]) == (360, 240)
    assert metadata["alt"] == "Waves"
    first = Image.open(io.BytesIO(flipbook.pages[0])).convert("RGB").resize((270, 180), Image.Resampling.LANCZOS)
    corner = image.convert("RGB").crop((0, 0, 270, 180))
    assert np.abs(np.asarray(corner, float) - np.asarray(first, float)).mean() < 3


@pytest.mark.parametrize(("count", "shown"), [(1, [0]), (3, [0, 1, 2]), (4, [0, 1, 2, 3]), (10, [0, 3, 6, 9])])
def test_still_spreads_over_the_film(count, shown):
    assert players._spread(count) == shown


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


@pytest.fixture(scope="module")
def bowl():
    return players.momentum_bowl(25)


@pytest.mark.parametrize(("lr", "momentum"), [(0.04, 0.0), (0.05, 0.8), (0.07, 0.99), (0.001, 0.3), (0.13, 0.5)])
def test_momentum_on_bowl_is_torchs(lr, momentum):
    torch = pytest.importorskip("torch")
    points, loss = players.momentum_on_bowl(25, lr, momentum, 30)
    theta = torch.tensor(landscapes.bowl(25).start, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=lr, momentum=momentum)
    for point, height in zip(points, loss, strict=True):
        value = 0.5 * (theta**2 * torch.tensor([1.0, 25.0])).sum()
        assert (theta.detach().numpy(), value.item()) == (pytest.approx(point), pytest.approx(height))
        optimizer.zero_grad()
        value.backward()
        optimizer.step()


@pytest.mark.parametrize(("lr", "momentum"), [(0.04, 0.0), (0.05, 0.8), (0.001, 0.3), (0.13, 0.5), (0.2, 0.9)])
@pytest.mark.parametrize("curvature", [1, 25])
def test_contraction_is_the_larger_eigenvalue(curvature, lr, momentum):
    matrix = [[1 + momentum - lr * curvature, -momentum], [1, 0]]
    expected = np.abs(np.linalg.eigvals(matrix)).max()
    assert players.contraction(curvature, lr, momentum) == pytest.approx(expected)


def test_bowl_shows_three_settings_of_which_the_last_diverges(bowl):
    worst = [max(players.contraction(c, *setting) for c in (1, 25)) for setting in bowl.settings()]
    assert worst[1] < worst[0] < 1 < worst[2]
    image, metadata = still(bowl)
    assert (metadata["width"], metadata["height"]) == (720, 352) and image.size == (1440, 704)
    assert "diverges" in metadata["alt"]


def test_bowl_takes_little_beside_its_still(bowl):
    assert len(bowl.html()) - len(bowl._repr_mimebundle_()[0]["image/png"]) < 6000
    assert not re.search(r'(src|href)="(?!data:)', bowl.html())


def test_bowl_output_is_reproducible(bowl):
    assert players.momentum_bowl(25)._repr_mimebundle_() == bowl._repr_mimebundle_()


@pytest.mark.parametrize("wrong", [{"condition": 1}, {"lr": 0}, {"momentum": 1}])
def test_bowl_rejects(wrong):
    with pytest.raises(ValueError, match="momentum_bowl: expected condition > 1"):
        players.momentum_bowl(**wrong)
