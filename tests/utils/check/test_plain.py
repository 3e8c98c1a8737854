"""Plain data crosses exactly, and nothing else crosses."""

import collections
import itertools
import json

import numpy as np
import pytest
import torch

from utils.check.plain import (
    DTYPES,
    MAX_ITEMS,
    Opaque,
    PlainDataError,
    Reference,
    Seed,
    as_array,
    decode,
    described,
    encode,
)


def crossed(value):
    """Send a value through JSON text, as between two processes."""
    return decode(json.loads(json.dumps(encode(value))))


def same(a, b):
    if isinstance(a, np.ndarray):
        return type(b) is np.ndarray and (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    if isinstance(a, tuple | list):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and repr(a) == repr(b)


# what objects may say of themselves
LIES = {
    "__eq__": lambda self, other: True,
    "__ne__": lambda self, other: False,
    "__hash__": lambda self: 0,
    "__float__": lambda self: 42.0,
    "__int__": lambda self: 42,
    "__index__": lambda self: 42,
    "__str__": lambda self: "42",
    "__repr__": lambda self: "42",
    "__len__": lambda self: 42,
    "__bool__": lambda self: True,
    "__getitem__": lambda self, key: 42,
    "__array__": lambda self, *args, **kwargs: np.array(42.0),
    "__array_ufunc__": None,
    "__le__": lambda self, other: True,
    "__abs__": lambda self: 0,
    "__sub__": lambda self, other: 0,
}
ITERATING = {"__iter__": lambda self: iter([42]), "items": lambda self: [("a", 42)]}

FLOATS = [0.1, -0.0, 0.0, 1 / 3, 5e-324, 1.7976931348623157e308, float("nan"), float("inf"), float("-inf"), 1e-8]


@pytest.mark.parametrize("value", [None, True, False, 0, -7, 2**511, "", "µ ✓ \ud800", *FLOATS])
def test_encode_keeps_scalars_exactly(value):
    assert same(value, crossed(value))


@pytest.mark.parametrize("value", [[], (), [1, [2.5, (None, "a")]], (1.0, [True]), {"a": 1, "b": [2]}])
def test_encode_keeps_containers_and_their_types(value):
    assert crossed(value) == value and type(crossed(value)) is type(value)


@pytest.mark.parametrize("array", [np.array(FLOATS), *(np.ones(shape) for shape in [(), (0,), (3, 4), (2, 0, 3)])])
def test_encode_keeps_shapes_and_floats_of_arrays(array):
    assert same(array, crossed(array))


@pytest.mark.parametrize("dtype", sorted(DTYPES))
def test_encode_keeps_dtypes(dtype):
    array = np.array([[0, 1], [1, 100]]).astype(dtype)
    assert same(array, crossed(array))


@pytest.mark.parametrize("layout", [np.asfortranarray, lambda a: a[::-1], lambda a: a.T, lambda a: a.astype(">f8")])
def test_encode_keeps_entries_of_any_memory_layout(layout):
    array = layout(np.arange(12.0).reshape(3, 4))
    assert np.array_equal(crossed(array), array) and crossed(array).shape == array.shape


def test_encode_keeps_the_complex_dtype_so_that_it_can_be_refused():
    assert crossed(1 + 2j).dtype == crossed(np.array([1j])).dtype == np.complex128


class Mine(torch.Tensor):
    pass


@pytest.mark.parametrize(
    ("tensor", "array"),
    [
        (torch.ones(2).as_subclass(Mine), np.ones(2, dtype=np.float32)),
        (torch.tensor([1.5, 2.5]), np.array([1.5, 2.5], dtype=np.float32)),
        (torch.tensor([1.5], dtype=torch.float64, requires_grad=True), np.array([1.5])),
        (torch.nn.Parameter(torch.ones(2, 2)), np.ones((2, 2), dtype=np.float32)),
        (torch.tensor([1.5], dtype=torch.bfloat16), np.array([1.5], dtype=np.float32)),
        (torch.tensor(3.0), np.array(3.0, dtype=np.float32)),
        (torch.tensor([True]), np.array([True])),
        (torch.arange(3), np.arange(3)),
        (torch.ones(3, requires_grad=True) * 2, np.full(3, 2.0, dtype=np.float32)),
        (torch.arange(6.0).reshape(2, 3).T, np.arange(6, dtype=np.float32).reshape(2, 3).T.copy()),
    ],
)
def test_encode_turns_tensors_into_arrays(tensor, array):
    assert same(array, crossed(tensor))


class Twice:
    def __iter__(self):
        return iter((1, 2))


@pytest.mark.parametrize(
    "iterable",
    [
        iter([1, 2]),
        map(int, "12"),
        (n for n in (1, 2)),
        zip([1, 2], strict=True),
        collections.deque([1, 2]),
        range(1, 3),
        {"a": 1, "b": 2}.values(),
        torch.utils.data.DataLoader([1, 2]),
        Twice(),
    ],
    ids=lambda iterable: type(iterable).__name__,
)
def test_encode_lists_iterables(iterable):
    assert len(crossed(iterable)) == 2


def test_encode_gives_the_batches_of_a_loader_as_pairs_of_arrays():
    X, y = torch.arange(6.0).reshape(3, 2), torch.arange(3)
    batches = crossed(torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, y), batch_size=2))
    assert same(batches, [[X[:2].numpy(), y[:2].numpy()], [X[2:].numpy(), y[2:].numpy()]])


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (object(), "object"),
        ({1, 2}, "set"),
        ({"a": 1}.keys(), "dict_keys"),
        (len, "builtin_function_or_method"),
        (b"a", "bytes"),
        (bytearray(b"a"), "bytearray"),
        (np.array(["a"]), "array of <U1"),
        (Opaque("set"), "set"),
        (type("x" * 1000, (), {})(), "x" * 100),
        (type("Liar", (), LIES)(), "Liar"),
        (type("Frame", (Twice,), {"__array__": lambda self: np.zeros(2)})(), "Frame"),
    ],
)
def test_encode_keeps_only_the_type_name_of_anything_else(value, name):
    assert crossed(value) == Opaque(name)


# --- what is too much


def changed(value, change):
    change(value)
    return value


def deep():
    value = []
    for _ in range(100_000):
        value = [value]
    return value


class Growing(list):
    def __len__(self):
        return 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: changed([1], lambda value: value.append(value)),  # it holds itself
        lambda: changed([], lambda value: value.extend([value] * 10)),
        lambda: changed({}, lambda value: value.update(self=value)),
        lambda: changed(np.empty(2, dtype=object), lambda value: value.__setitem__(0, value)),
        deep,
        lambda: Growing([0] * (MAX_ITEMS + 1)),
        lambda: itertools.count(),
        lambda: itertools.repeat(np.zeros(1000)),
        lambda: itertools.repeat("x" * 10_000),
        lambda: (iter([i]) for i in itertools.count()),
        lambda: [0] * (MAX_ITEMS + 1),
        lambda: ["x" * 10_000] * 1000,
        lambda: np.zeros(MAX_ITEMS + 1),
        lambda: np.broadcast_to(np.float64(1), (10**6, 10**6)),
        lambda: torch.zeros(1).expand(10**12),
        lambda: torch.zeros(1, dtype=torch.bfloat16).expand(10**12),
        lambda: {str(i): i for i in range(MAX_ITEMS)},
        lambda: 2**512,
        lambda: [10**10_000],
    ],
)
def test_encode_refuses_what_is_too_large_or_too_deep(make):
    value = make()
    with pytest.raises(PlainDataError):
        encode(value)


def test_encode_cuts_long_texts_and_keys():
    assert crossed({"x" * 1000: "x" * 10**6}) == {"x" * 100: "x" * 10_000}


# --- objects that lie


@pytest.mark.parametrize(
    ("base", "made", "plain"),
    [
        (float, lambda kind: kind(1.5), 1.5),
        (int, lambda kind: kind(7), 7),
        (str, lambda kind: kind("seven"), "seven"),
        (list, lambda kind: kind([1, 2]), [1, 2]),
        (tuple, lambda kind: kind([1, 2]), (1, 2)),
        (dict, lambda kind: kind(a=1), {"a": 1}),
        (np.ndarray, lambda kind: np.arange(3.0).view(kind), np.arange(3.0)),
        (np.float64, lambda kind: kind(1.5), np.array(1.5)),
    ],
)
def test_encode_reduces_a_lying_subclass_to_what_it_is(base, made, plain):
    liar = made(type("Liar", (base,), {**LIES, **({} if base is np.ndarray else ITERATING)}))
    assert same(plain, crossed(liar))


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.defaultdict(int, a=1), {"a": 1}),
        (collections.namedtuple("Pair", "a b")(1, 2), (1, 2)),
        (np.ma.masked_array([1.0, 2.0], mask=[True, False]), np.array([1.0, 2.0])),
        (np.str_("a"), "a"),
        (np.array([1.5, None], dtype=object), [1.5, None]),
    ],
)
def test_encode_reduces_honest_subclasses(value, plain):
    assert same(plain, crossed(value))


# --- malformed data

ARRAY = {"dtype": "float64", "shape": [2], "data": [1.0, 2.0]}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"unknown": 1},
        {"tuple": 3},
        {"tuple": [], "extra": 1},
        {"dict": [["a"]]},
        {"dict": [[1, 1]]},
        {"dict": [[["a"], 1]]},
        {"dict": 5},
        {"opaque": 3},
        {"opaque": "x" * 1000},
        {"opaque": "x", "tuple": []},
        {**ARRAY, "dtype": "object"},
        {**ARRAY, "dtype": ["float64"]},
        {**ARRAY, "shape": [3]},
        {**ARRAY, "shape": [-1]},
        {**ARRAY, "shape": []},
        {**ARRAY, "shape": [2.0]},
        {**ARRAY, "shape": [True, 2]},
        {**ARRAY, "shape": 2},
        {**ARRAY, "shape": [10**30, 0]},
        {"dtype": "int8", "shape": [0, 2**62], "data": []},  # which NumPy makes, and cannot turn into floats
        {"dtype": "int8", "shape": [0] + [1] * 40, "data": []},
        {**ARRAY, "shape": [2] + [1] * 100},
        {**ARRAY, "data": ["1.0", "2.0"]},
        {**ARRAY, "data": [[1.0], [2.0]]},
        {**ARRAY, "data": [1.0, 10**400]},
        {**ARRAY, "data": [True, 1.0]},
        {**ARRAY, "data": "12"},
        {**ARRAY, "extra": 1},
        {"dtype": "int8", "shape": [1], "data": [300]},
        {"dtype": "int64", "shape": [1], "data": [1.5]},
        {"dtype": "bool", "shape": [1], "data": [2]},
        {"dtype": "float64", "shape": [1]},
        {"reference": "utils.landscapes.rosenbrock", "attribute": "gradient", "kwargs": {}},
        {"seed": 3},
        {1, 2},
        np.float64(1.5),
        2**513,
        "x" * 10_001,
    ],
    ids=lambda data: type(data).__name__,
)
def test_decode_refuses_malformed_data(data):
    with pytest.raises(PlainDataError):
        decode(data)


@pytest.mark.parametrize(
    "wrap", [lambda data: [data], lambda data: {"tuple": [data]}, lambda data: {"dict": [["a", data]]}]
)
@pytest.mark.parametrize("depth", [9, 50_000])
def test_decode_refuses_deep_nesting(wrap, depth):
    data = 1
    for _ in range(depth):
        data = wrap(data)
    with pytest.raises(PlainDataError):
        decode(data)


@pytest.mark.parametrize(
    "data",
    [
        {"reference": "os.system", "attribute": "", "kwargs": {}},
        {"reference": 3, "attribute": "", "kwargs": {}},
        {"reference": "utils.landscapes.bowl", "attribute": 3, "kwargs": {}},
        {"reference": "utils.landscapes.bowl", "attribute": "", "kwargs": []},
        {"reference": "utils.landscapes.bowl", "attribute": "", "kwargs": {"a": {"bad": 1}}},
        {"seed": "3"},
        {"seed": 3, "extra": 1},
    ],
)
def test_decode_refuses_malformed_references_even_when_trusted(data):
    with pytest.raises(PlainDataError):
        decode(data, trusted=True)


@pytest.mark.parametrize("target", ["os.system", "utils", "utils.landscapes", "utilsx.landscapes.bowl", ""])
def test_reference_refuses_a_target_outside_utils(target):
    with pytest.raises(PlainDataError, match="utils"):
        Reference(target)


def test_reference_resolves_to_a_method_of_a_landscape():
    reference = decode(encode(Reference("utils.landscapes.quadratic", "gradient", {"hessian": 2 * np.eye(2)})), True)
    assert np.array_equal(reference.resolve()(np.ones(2)), [2.0, 2.0])


def test_seed_resolves_to_the_same_generator_every_time():
    seed = decode(encode(Seed(3)), trusted=True)
    assert seed.resolve().normal() == seed.resolve().normal() == np.random.default_rng(3).normal()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None (is a return missing?)"),
        (Opaque("Line2D"), "an object of type Line2D"),
        (np.zeros((2, 3)), "one array of shape (2, 3)"),
        (np.array(1.5), "a single number"),
        (2, "a single number"),
        (True, "the truth value True"),
        ((1, np.zeros(3)), "a tuple of 2 (a number, an array of shape (3,))"),
        ((1, None), "a tuple of 2 (a number, None)"),
        ([], "a list of 0"),
        ("text", "an object of type str"),
    ],
)
def test_described_says_what_an_answer_is(value, words):
    assert described(value) == words


# --- as_array


@pytest.mark.parametrize(
    ("value", "array"),
    [
        (1.5, np.array(1.5)),
        (True, np.array(True)),
        ([1, 2.5], np.array([1, 2.5])),
        ((1, 2), np.array([1, 2])),
        ([np.ones(2), [3, 4]], np.array([[1.0, 1.0], [3, 4]])),
        ([np.float32(1.5), np.array(2.5, dtype=np.float32)], np.array([1.5, 2.5], dtype=np.float32)),
        (torch.ones(2), np.ones(2, dtype=np.float32)),
        (10**30, np.array(1e30)),
        ([2**64, 1], np.array([2.0**64, 1.0])),
        ([], np.array([])),
    ],
)
def test_as_array_reads_numbers(value, array):
    assert same(array, as_array(value))


@pytest.mark.parametrize(
    "value",
    [None, "1.5", Opaque("x"), {}, [1, None], [1, "2"], [[1], [1, 2]], ["a"], [Opaque("x")], [{}], 10**400, [[], 1]],
)
def test_as_array_refuses_the_rest(value):
    assert as_array(value) is None


def test_as_array_reserves_no_memory_for_a_long_text_among_numbers():
    assert as_array(["x" * 10_000_000] + [0] * 50_000) is None  # NumPy would ask for two terabytes


def test_as_array_returns_a_copy():
    original = np.zeros(2)
    as_array(original)[0] = 1
    assert original[0] == 0


def test_encode_sees_that_a_buffer_is_yielded_again_and_again():
    def batches():
        buffer = np.zeros(2)
        for k in range(3):
            buffer[:] = k
            yield buffer, k

    assert [(list(x), k) for x, k in decode(encode(batches()))] == [([2.0, 2.0], k) for k in range(3)]


def test_encode_ends_an_endless_iterator_of_large_arrays_soon():
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield np.zeros(1000)

    with pytest.raises(PlainDataError, match="more than 100,000 entries"):
        encode(endless())
    assert len(taken) <= 100


def test_encode_lists_whatever_a_loop_can_run_over():
    class Items:
        def __len__(self):
            return 2

        def __getitem__(self, position):
            return [5, 6][position]

    assert decode(encode(Items())) == [5, 6]
