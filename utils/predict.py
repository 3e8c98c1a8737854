"""Set what a student guessed beside what came: `compare`, `mark` a guess in a figure, `summary` at the end.

A guess is a number, a word, an order of names, or a dict of them; `...` stands where nothing is ventured. It is never
required and never graded. Whatever else somebody wrote there is answered by a sentence, never by an error.
"""

import math
import re
from dataclasses import dataclass
from html import escape

BLANK, UNCLEAR, CLOSE, NEAR, ORDER, OFF = "blank", "unclear", "close", "near", "order", "off"
SIGNS = {BLANK: "", UNCLEAR: "?", CLOSE: "✓", NEAR: "≈", ORDER: "≈", OFF: "✗"}
GREEN, AMBER, RED = "#158455", "#a86a00", "#d6393f"  # read well on white and on a dark theme's black
COLORS = {BLANK: "inherit", UNCLEAR: AMBER, CLOSE: GREEN, NEAR: AMBER, ORDER: AMBER, OFF: RED}
CELL = "text-align:left;padding:0.1em 1.2em 0.1em 0;vertical-align:top"
COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ENDLESS = frozenset({"inf", "infinity", "infinite", "∞", "diverges", "it diverges"})
LONGEST = 40  # characters of a guess that are shown
MOST_MOVED = 3
ROUNDING = 1e-12  # of numbers of size 1: what comes below this is zero, but for rounding
_remembered = {}  # (what, names) -> the comparison last shown for it


def compare(guess, came, what="", unit="", close=0.1):
    """Display a table: what was guessed, what came, how far apart they are; remember it for `summary`.

    guess : a number, a word, an order of names, or a dict of them with the keys of `came`; `...` for nothing ventured
    came : what the experiment gave, in the same form: a number; a word, or a set or tuple of words that are all
        right; a list of names in their order
    what : str, what is compared; `summary` knows it by that, so that running a cell again changes nothing
    unit : str, of the numbers.  close : float, the relative difference up to which a number counts as close
    Numbers are told apart by ratios, up to orders of magnitude; words by equality, whatever their case.
    """
    from IPython.display import display

    comparison = Comparison(guess, came, what, unit, close)
    _remembered[what, tuple(row.name for row in comparison.rows)] = comparison
    display(comparison)


def summary():
    """Display how well the guesses of this notebook did, and which of them the experiments moved most."""
    from IPython.display import display

    display(Summary(list(_remembered.values())))


def forget():
    """Forget all comparisons, as a fresh kernel has."""
    _remembered.clear()


# --- judging one guess


@dataclass(frozen=True)
class Row:
    """One guess beside what came.

    grade : BLANK, UNCLEAR (not understood), CLOSE, NEAR (within a factor of 2), ORDER (of 10) or OFF
    ratio : the guess over what came, where both are numbers of one sign, else None
    """

    name: str
    guess: str
    came: str
    grade: str
    said: str
    ratio: float | None = None

    @property
    def distance(self):
        """Orders of magnitude between guess and result; whatever else is wrong counts as one."""
        return abs(math.log10(self.ratio)) if self.ratio else float(self.grade == OFF)


def _row(name, guess, came, close):
    if guess is ... or (isinstance(guess, str) and not guess.strip()):
        return Row(name, "…", _shown(came), BLANK, "")
    order, words, number = _order(came) if isinstance(came, list) else None, _words(came), _number(came)
    if order:
        judged = _judge_order(_order(guess), order)
    elif words:
        judged = _judge_word(_words_among(guess, words), words)
    elif number is None or math.isnan(number):
        judged = UNCLEAR, "no result to set it beside", None
    else:
        judged = _judge_number(_number(guess), number, close)
    return Row(name, _shown(guess), _shown(came), *judged)


def _judge_number(guess, came, close):
    """Return grade, sentence and ratio."""
    if guess is None or math.isnan(guess):
        return UNCLEAR, "a number was wanted here, such as 0.1 or 3e4", None
    if guess == came or (abs(guess - came) <= close * abs(came) < math.inf):
        return CLOSE, "exactly" if guess == came else f"within {100 * close:.3g} %", None if came == 0 else 1.0
    if guess == 0 and abs(came) < ROUNDING:
        return CLOSE, "zero, but for rounding", None
    if math.isinf(came) or math.isinf(guess):
        return OFF, "it has no bound" if math.isinf(came) else "it stays finite", None
    if came == 0 or guess == 0:
        return OFF, "it is zero" if came == 0 else "it is not zero", None
    if (guess > 0) != (came > 0):
        return OFF, "it has the other sign", None
    size = abs(math.log10(abs(guess)) - math.log10(abs(came)))  # a quotient of extreme numbers would overflow
    ratio = 10.0 ** math.copysign(min(size, 300), abs(guess) - abs(came))
    grade = NEAR if size <= math.log10(2) else ORDER if size <= 1 else OFF
    ways = ("large", "small") if came > 0 else ("far below zero", "close to zero")
    return grade, f"{_times(size)} too {ways[ratio < 1]}", ratio


def _times(size):
    """Say by what factor two numbers differ that are `size` orders of magnitude apart."""
    factor = 10.0 ** min(size, 2)
    if factor < 9.95:
        return f"{factor:.2g} times" if factor >= 1.95 else f"{factor:.3g} times"
    count = round(size)
    if count == 1:
        return "an order of magnitude"
    return f"{COUNTS[count] if count < len(COUNTS) else count} orders of magnitude"


def _judge_word(guess, right):
    """Return grade, sentence and no ratio."""
    if not guess:
        return UNCLEAR, "a word was wanted here, in quotes", None
    ours, theirs = {_folded(word) for word in guess}, {_folded(word) for word in right}
    if ours <= theirs:
        return CLOSE, "right", None
    return OFF, "one of them is right" if len(ours & theirs) == 1 else "something else came", None


def _judge_order(guess, right):
    """Return grade, sentence and no ratio."""
    ours, theirs = [_folded(name) for name in guess or ()], [_folded(name) for name in right]
    if sorted(ours) != sorted(theirs):
        return UNCLEAR, f"an order was wanted here: a list of {', '.join(sorted(map(_shown, right)))}", None
    places = [theirs.index(name) for name in ours]
    pairs = [(i, j) for j in range(len(places)) for i in range(j)]
    wrong = sum(places[i] > places[j] for i, j in pairs)
    if not wrong:
        return CLOSE, "right, all of it", None
    return OFF, f"{_count(wrong)} of {_count(len(pairs))} pairs the other way round", None


# --- what somebody wrote


def _harmless(read):
    """Let a reader of guesses answer None for an object that cannot even be looked at."""

    def wrapped(value):
        try:
            return read(value)
        except Exception:  # whatever a stranger's object does when it is asked for its type, length or value
            return None

    return wrapped


@_harmless
def _number(value):
    """Return a guess as a float, None if it is no number. A text that spells one is one; True and False are words."""
    if isinstance(value, str):
        text = value.strip().casefold().replace(",", "").replace("−", "-")
        return math.inf if text in ENDLESS else float(text)
    if _is_truth(value) or isinstance(value, (complex, bytes, bytearray)):
        return None
    if getattr(value, "shape", ()) not in ((), (1,)):
        return None
    if isinstance(value, int) and abs(value) > 1e300:
        return math.inf if value > 0 else -math.inf
    return float(value.item() if hasattr(value, "item") else value)


def _is_truth(value):
    return isinstance(value, bool) or str(getattr(value, "dtype", "")) in ("bool", "torch.bool")


@_harmless
def _words(value):
    """Return a guess as a tuple of words, None if it is none."""
    if _is_truth(value):
        return (str(bool(value)),)
    words = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, (set, frozenset, tuple)) else ()
    return words if words and all(isinstance(word, str) for word in words) else None


def _words_among(value, right):
    """Return a guess as a tuple of words; those of the right ones that it means by a number, or by "a and b"."""
    number, words = _number(value), _words(value)
    if number is not None:
        return tuple(word for word in right if _number(word) == number) or words
    known = {_folded(word) for word in right}
    if words and len(words) == 1 and _folded(words[0]) not in known:
        parts = tuple(part for part in re.split(r"\band\b|\bor\b|[,/&+]", words[0]) if part.strip())
        return parts if any(_folded(part) in known for part in parts) else words
    return words


@_harmless
def _order(value):
    """Return an order of names as a list; "a < b" is one too. None if it is none."""
    if isinstance(value, str) and "<" in value:
        value = value.split("<")
    return [_plain(name) for name in value] if isinstance(value, (list, tuple)) and len(value) > 1 else None


def _plain(name):
    return name.strip() if isinstance(name, str) else _shown(name)


def _folded(word):
    return " ".join(word.split()).casefold()


def _shown(value):
    """Return a value as people read it, one short line whatever it is."""
    text = _text(value) or f"something of type {type(value).__name__}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


@_harmless
def _text(value):
    if value is ...:
        return "…"
    if isinstance(value, str):
        return " ".join(value.split()) or "…"
    if value is None or type(value) in (bool, complex):
        return str(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        parts = [_shown(item) for item in list(value)[:10]]
        if isinstance(value, list):
            return " < ".join(parts)
        return ", ".join(sorted(parts) if isinstance(value, (set, frozenset)) else parts)
    number = _number(value)
    return None if number is None else _digits(number)


def _digits(number):
    if math.isinf(number):
        return "∞" if number > 0 else "-∞"
    if math.isnan(number):
        return "nan"
    if abs(number) >= 1e6 or 0 < abs(number) < 1e-4:
        return f"{number:.2e}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-").replace(".00e", "e")
    return f"{number:,.0f}" if abs(number) >= 999.5 or number == int(number) else f"{number:.3g}"


def _count(number):
    return COUNTS[number] if number < len(COUNTS) else str(number)


# --- as people see it


class Comparison:
    """The table that `compare` displays."""

    def __init__(self, guess, came, what="", unit="", close=0.1):
        self.what, self.unit = _shown(what) if what else "", unit
        self.note = ""  # a sentence about the guess as a whole
        results = came if isinstance(came, dict) else {"": came}
        ventured = self._by_name(guess, results) if isinstance(came, dict) else {"": guess}
        self.rows = [_row(_plain(name), ventured.get(name, ...), result, close) for name, result in results.items()]

    def _by_name(self, guess, results):
        """Return the guess for each result, as far as there is one; note what else somebody wrote."""
        if guess is ...:
            return {}
        if not isinstance(guess, dict):
            self.note = f"Your guess is {_kind(guess)}; wanted was a dict, like the one that stood there at first."
            return {}
        names = {_folded(_plain(name)): name for name in results}
        found, unknown = {}, []
        for key, value in dict.items(guess):
            name = names.get(_folded(_plain(key)))
            if name is None:
                unknown.append(_shown(key))
            else:
                found[name] = value
        if guess and not found:
            self.note = "Your guess is about something else: was the cell with the guess for this experiment run?"
        elif unknown:
            self.note = f"Nothing here is called {' or '.join(unknown[:3])}; the names are in the first column."
        return found

    @property
    def ventured(self):
        return [row for row in self.rows if row.grade not in (BLANK, UNCLEAR)]

    def headline(self):
        unit = self.unit if self.unit not in self.what else ""
        return ", in ".join(filter(None, [self.what, unit])) or "what came"

    def remark(self):
        """Return a sentence under the table, "" if there is nothing to say."""
        if self.note:
            return self.note
        return "" if any(row.grade != BLANK for row in self.rows) else "You ventured nothing here."

    def _columns(self):
        """Return heads and rows; the names and the judgement only where there are some."""
        named = any(row.name for row in self.rows)
        judged = any(row.grade != BLANK for row in self.rows)
        keep = [named, judged, True, judged]
        lines = [(row.name, row.guess, row.came, f"{SIGNS[row.grade]} {row.said}".strip()) for row in self.rows]
        lines = [("", "your guess", "came", "how far"), *lines]
        return [[text for text, kept in zip(line, keep, strict=True) if kept] for line in lines]

    def __repr__(self):
        return "\n".join(filter(None, [self.headline(), _aligned(self._columns()), self.remark()]))

    def _repr_html_(self):
        head, *lines = self._columns()
        cells = "".join(f"<th scope='col' style='{CELL}'>{escape(text)}</th>" for text in head)
        body = ""
        for row, line in zip(self.rows, lines, strict=True):
            texts = [escape(text) for text in line]
            if row.grade != BLANK:
                texts[-1] = f"{_sign(row.grade)} {escape(row.said)}"
            body += f"<tr>{''.join(f'<td style={CELL!r}>{text}</td>' for text in texts)}</tr>"
        remark = f"<p style='margin:0.3em 0'>{escape(self.remark())}</p>" if self.remark() else ""
        return (
            f"<div class='tex2jax_ignore mathjax_ignore'><p style='margin:0.3em 0;font-weight:bold'>"
            f"{escape(self.headline())}</p><table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"
            f"{remark}</div>"
        )


def _sign(grade):
    """Return the sign of a grade in its colour; the words beside it keep the theme's, which reads well on any."""
    return f"<b style='color:{COLORS[grade]}'>{SIGNS[grade]}</b>"


def _kind(guess):
    number = _number(guess)
    return _shown(guess) if number is not None or isinstance(guess, str) else f"of type {type(guess).__name__}"


def _aligned(lines):
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    padded = ("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(line.rstrip() for line in padded)


class Summary:
    """What `summary` displays."""

    def __init__(self, comparisons):
        self.places = sum(len(comparison.rows) for comparison in comparisons)
        self.ventured = [(comparison, row) for comparison in comparisons for row in comparison.ventured]

    def counts(self):
        """Return what became of the guesses: (grade, number, in words)."""
        said = {CLOSE: "close or right", NEAR: "within a factor of 2", ORDER: "within a factor of 10"}
        said[OFF] = "further off"
        grades = [row.grade for _, row in self.ventured]
        return [(grade, grades.count(grade), text) for grade, text in said.items()]

    def lines(self):
        """Return what there is to say, the counts apart."""
        if not self.places:
            return ["No guess has been set beside a result yet: run the experiments first."]
        if not self.ventured:
            return [f"You ventured none of {self.places} guesses. A wrong one costs nothing and sticks."]
        return [*self._tendency(), *self._moved()]

    def headline(self):
        return f"You ventured {len(self.ventured)} of {self.places} guesses." if self.ventured else ""

    def _tendency(self):
        ratios = [row.ratio for _, row in self.ventured if row.ratio and row.grade != CLOSE]
        large = sum(ratio > 1 for ratio in ratios)
        most = max(large, len(ratios) - large)
        if len(ratios) < 4 or most < 0.75 * len(ratios):
            return []
        way = "large" if 2 * large > len(ratios) else "small"
        return [f"Of {len(ratios)} numbers that were not close you guessed {most} too {way}."]

    def _moved(self):
        far = sorted((pair for pair in self.ventured if pair[1].grade != CLOSE), key=lambda pair: -pair[1].distance)
        if not far:
            return ["Nothing surprised you: every guess was close."]
        return ["What moved most:", *(f"  {_sentence(*pair)}" for pair in far[:MOST_MOVED])]

    def __repr__(self):
        counts = [f"  {count:>3}  {text}" for _, count, text in self.counts()] if self.ventured else []
        return "\n".join([*filter(None, [self.headline()]), *counts, *self.lines()])

    def _repr_html_(self):
        counts = "".join(
            f"<tr><td style='{CELL}'>{_sign(grade)} {escape(text)}</td><td style='{CELL}'>{count}</td></tr>"
            for grade, count, text in self.counts()
        )
        table = f"<table><tbody>{counts}</tbody></table>" if self.ventured else ""
        plain = [line for line in self.lines() if not line.startswith(" ")]
        moved = "".join(f"<li>{escape(line.strip())}</li>" for line in self.lines() if line.startswith(" "))
        paragraphs = "".join(f"<p style='margin:0.3em 0'>{escape(line)}</p>" for line in plain)
        head = f"<p style='margin:0.3em 0;font-weight:bold'>{escape(self.headline())}</p>" if self.ventured else ""
        return f"<div class='tex2jax_ignore mathjax_ignore'>{head}{table}{paragraphs}<ul>{moved}</ul></div>"


def _sentence(comparison, row):
    about = ", ".join(filter(None, [comparison.what, row.name])) or "a guess"
    unit = f" {comparison.unit}" if comparison.unit else ""
    return f"{about}: you said {row.guess}, it came to {row.came}{unit} ({row.said})"


# --- in a figure


def mark(ax, guess, at=None, axis="y", colors=None):
    """Draw the numbers among the guesses into a figure, dashed or hollow, labelled "your guess"; nothing if none.

    Call it after the results are drawn and before `ax.legend()`. What lies far outside is shown at the edge.
    guess : as for `compare`
    at : None for dashed lines across; or where on the other axis hollow markers stand: a number, or a dict with
        the keys of `guess`
    axis : "y" or "x", along which the guess is measured.  colors : a colour, or a dict with the keys of `guess`
    Returns ax.
    """
    if axis not in ("x", "y"):
        raise ValueError(f"mark: expected axis 'x' or 'y', got {axis!r}")
    label = "your guess"
    for name, value in dict.items(guess) if isinstance(guess, dict) else [("", guess)]:
        number, place = _number(value), _entry(at, name)
        if number is None or math.isnan(number) or (at is not None and place is None):
            continue
        _draw(ax, number, place, axis, _entry(colors, name) or "#777777", label)
        label = "_nolegend_"
    return ax


def _entry(found, name):
    return found.get(name) if isinstance(found, dict) else found


def _draw(ax, number, place, axis, color, label):
    """Draw one guess without letting it crush what is drawn already."""
    inside, edge = _within(ax, number, axis)
    if place is None:
        line = ax.axhline if axis == "y" else ax.axvline
        line(inside, color=color, linestyle=(0, (4, 3)), linewidth=1.4, label=label)
        return
    marker = {"y": {-1: "v", 0: "o", 1: "^"}, "x": {-1: "<", 0: "o", 1: ">"}}[axis][edge]
    x, y = (place, inside) if axis == "y" else (inside, place)
    look = {"linestyle": "none", "markerfacecolor": "none", "markeredgewidth": 1.6, "markersize": 9}
    ax.plot([x], [y], marker=marker, color=color, label=label, clip_on=False, zorder=6, **look)


def _within(ax, number, axis):
    """Widen the axis a little if that brings a guess into view; return where to draw it, and past which edge it is."""
    low, high = sorted(getattr(ax, f"get_{axis}lim")())
    logarithmic = getattr(ax, f"get_{axis}scale")() == "log"
    if logarithmic:
        least, most = low / 10, high * 10
    else:
        least, most = low - 0.5 * (high - low), high + 0.5 * (high - low)
    inside = min(max(number, least), most)
    flipped = getattr(ax, f"{axis}axis_inverted")()
    ends = (min(low, inside), max(high, inside))
    # auto=None: if the axis has followed what is drawn, it still does, for what comes later
    getattr(ax, f"set_{axis}lim")(*(ends[::-1] if flipped else ends), auto=None)
    return inside, int(number > most) - int(number < least)
