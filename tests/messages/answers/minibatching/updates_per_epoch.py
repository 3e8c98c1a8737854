import math

import numpy as np


def updates_per_epoch__always_floor(n, size, drop_last):
    r"""n // size, flag ignored"""
    return n // size


def updates_per_epoch__always_ceil(n, size, drop_last):
    r"""rounds up, flag ignored"""
    return math.ceil(n / size)


def updates_per_epoch__flag_inverted(n, size, drop_last):
    r"""if drop_last, rounds up"""
    return math.ceil(n / size) if drop_last else n // size


def updates_per_epoch__always_one_more(n, size, drop_last):
    r"""n // size + 1 without drop_last"""
    return n // size if drop_last else n // size + 1


def updates_per_epoch__rounds(n, size, drop_last):
    r"""round"""
    return n // size if drop_last else round(n / size)


def updates_per_epoch__at_least_one(n, size, drop_last):
    r"""max(1, ...)"""
    count = n // size if drop_last else -(-n // size)
    return max(1, count)


def updates_per_epoch__upside_down(n, size, drop_last):
    r"""size // n"""
    if n == 0:
        return 0
    return size // n if drop_last else -(-size // n)


def updates_per_epoch__float(n, size, drop_last):
    r"""n / size"""
    return n // size if drop_last else n / size


def updates_per_epoch__ceil_trick_off(n, size, drop_last):
    r"""(n + size - 2) // size for rounding up"""
    return n // size if drop_last else max((n + size - 2) // size, 0)


def updates_per_epoch__large_batch_kept(n, size, drop_last):
    r"""one batch if the size is larger than the set, even with drop_last"""
    if 0 < n < size:
        return 1
    return n // size if drop_last else -(-n // size)


def updates_per_epoch__int_of_minus_one(n, size, drop_last):
    r"""int((n - 1) / size) + 1, wrong for an empty set"""
    return n // size if drop_last else int((n - 1) / size) + 1


def updates_per_epoch__remainder(n, size, drop_last):
    r"""number of examples left over"""
    return n // size if drop_last else n // size + n % size


def updates_per_epoch__minus_one(n, size, drop_last):
    r"""drops the last batch even if it is full"""
    count = math.ceil(n / size)
    return count - 1 if drop_last else count


def updates_per_epoch__nothing_for_large(n, size, drop_last):
    r"""zero if the size is larger than the set"""
    if size > n:
        return 0
    return n // size if drop_last else -(-n // size)


def updates_per_epoch__even_set_one_more(n, size, drop_last):
    r"""drop_last only looked at if something is left over"""
    if drop_last and n % size:
        return n // size
    return n // size + 1


def updates_per_epoch__prints(n, size, drop_last):
    r"""prints the number"""
    print(n // size if drop_last else -(-n // size))


def updates_per_epoch__examples(n, size, drop_last):
    r"""the number of examples used"""
    return n - n % size if drop_last else n


def updates_per_epoch__list_of_sizes(n, size, drop_last):
    r"""the batch sizes, not their number"""
    return [size] * (n // size) + ([] if drop_last or n % size == 0 else [n % size])


def updates_per_epoch__empty_is_error(n, size, drop_last):
    r"""raises for an empty set"""
    if n == 0:
        raise ValueError("empty data set")
    return n // size if drop_last else -(-n // size)


def updates_per_epoch__while_greater(n, size, drop_last):
    r"""takes batches away while more than a batch is left"""
    count = 0
    while n > size:
        n -= size
        count += 1
    return count if drop_last or n == 0 else count + 1


def updates_per_epoch__n_mod_size_one(n, size, drop_last):
    r"""extra batch only if exactly one is left"""
    extra = n % size == 1 and not drop_last
    return n // size + int(extra)


def updates_per_epoch__two_slips(n, size, drop_last):
    r"""rounded, and one at least"""
    return max(1, n // size if drop_last else round(n / size))
