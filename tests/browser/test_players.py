"""Films and the bowl with sliders, in a browser: what moves, what it shows, and what is there without scripts."""

from functools import cache

import numpy as np
import pytest

from utils import landscapes, players

READ = """() => {
  const points = line => line.getAttribute("points").split(" ").map(pair => pair.split(",").map(Number));
  return {
    lines: [...document.querySelectorAll("polyline")].map(points),
    said: [...document.querySelectorAll("output")].map(output => output.textContent),
    text: document.querySelector("p[aria-live]").textContent,
  };
}"""


@pytest.fixture
def show(browser, tmp_path):
    """Open a player in a page, with scripts or without."""
    contexts = []

    def open_page(player, scripts=True):
        path = tmp_path / "page.html"
        path.write_text(f"<!DOCTYPE html><meta charset='utf-8'><body>{player.html()}</body>", encoding="utf-8")
        context = browser.new_context(java_script_enabled=scripts)
        contexts.append(context)
        page = context.new_page()
        page.failures = []
        page.on("pageerror", lambda error: page.failures.append(str(error)))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


def drag(page, number, fraction):
    """Pull a slider to a fraction of its way with the mouse."""
    box = page.locator("input[type=range]").nth(number).bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + fraction * box["width"], y, steps=5)
    page.mouse.up()


def recomputed(condition, lr, momentum, steps):
    """Where the two curves should be drawn, in the panels' pixels, and the factor of an update along each axis."""
    points, loss = players.momentum_on_bowl(condition, lr, momentum, steps)
    start = landscapes.bowl(condition).start
    path = np.stack([150 + points[:, 0] / start[0] * 120, 105 - points[:, 1] / start[1] * 84], axis=1)
    curve = np.stack([np.arange(steps + 1) / steps * 300, (2 - np.log10(loss / loss[0])) / 8 * 210], axis=1)
    return path, curve, [players.contraction(curvature, lr, momentum) for curvature in (1, condition)]


def test_dragging_a_slider_recomputes_path_loss_and_numbers(show):
    bowl = players.momentum_bowl(condition=25, lr=0.05, momentum=0.8, steps=40)
    page = show(bowl)
    before = page.evaluate(READ)
    seen = [before]
    for number, fraction in ((0, 0.4), (1, 0.3), (0, 0.95)):
        drag(page, number, fraction)
        seen.append(page.evaluate(READ))
    assert page.failures == [] and len({str(found["lines"]) for found in seen}) == len(seen)
    lows, highs = 0.1 / 25, 5 / 25
    for found in seen:
        momentum = float(found["said"][1])
        lr = 0.05 if found is before else rate_at(float(found["said"][0]), lows, highs)
        path, curve, factors = recomputed(25, lr, momentum, 40)
        visible = np.abs(path).max(axis=1) < 400
        assert np.asarray(found["lines"][0])[visible] == pytest.approx(path[visible], abs=0.06)
        assert np.asarray(found["lines"][1]) == pytest.approx(curve, abs=0.06)
        assert f"along the valley {factors[0]:.3f}, across it {factors[1]:.3f}" in found["text"]
        assert ("diverges" in found["text"]) == (max(factors) > 1)
    assert "diverges" in seen[-1]["text"] and "diverges" not in before["text"]


def rate_at(shown, low, high):
    """The learning rate of a slider that shows it rounded: its steps are two hundredths."""
    span = np.log(high / low)
    return low * np.exp(span * round(np.log(shown / low) / span * 200) / 200)


def test_sliders_obey_the_keyboard(show):
    page = show(players.momentum_bowl())
    page.locator("input[type=range]").nth(1).focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(READ)["said"][1] == "0.81"


@cache
def player(kind):
    line = np.stack([np.linspace(-1, 1, 101), np.linspace(2, 0, 101)], axis=1)
    if kind == "race":
        paths = {"SGD": line, "Adam": line[::-1]}
        return players.race(landscapes.rosenbrock(), paths, title="A race", frames=11, seconds=0.5)
    if kind == "film":
        return players.flipbook(lambda ax, k: ax.plot([0, k]), range(5), seconds=0.5, width=3, height=2)
    return players.momentum_bowl()


@pytest.mark.parametrize("kind", ["race", "film"])
def test_film_starts_on_its_first_frame_and_plays_to_its_last(show, kind):
    labels = player(kind).labels
    page = show(player(kind))
    assert page.locator("output").text_content() == labels[0]
    first = page.locator("div").first.screenshot()
    page.locator("button").click()
    page.wait_for_function("last => document.querySelector('output').textContent === last", arg=labels[-1])
    assert page.failures == [] and page.locator("div").first.screenshot() != first


@pytest.mark.parametrize("kind", ["race", "film", "bowl"])
def test_without_scripts_there_is_a_still_and_no_dead_control(show, kind):
    page = show(player(kind), scripts=False)
    assert page.locator("button, input, output").count() == 0
    image = page.locator("img")
    assert image.count() == 1 and image.get_attribute("alt") == player(kind).alt
    assert image.bounding_box()["width"] == player(kind).still[1]
