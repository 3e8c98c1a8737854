"""Messages between a sandbox and the trusted process: never more than agreed, never anything but a JSON object."""

import socket
import threading

import pytest

from grading.sandbox.inside import frames


@pytest.fixture
def pair():
    left, right = socket.socketpair()
    with left, right:
        yield left, right


def framed(data, length=None):
    return (len(data) if length is None else length).to_bytes(frames.LENGTH_BYTES, "big") + data


def test_messages_come_out_as_they_went_in(pair):
    sent = [{"a": 1}, {}, {"text": "ä" * 1000, "list": [1.5, None]}]
    for message in sent:
        frames.send(pair[0], message)
    reader = frames.Reader(pair[1], limit=10_000)
    assert [reader.receive(1) for _ in sent] == sent
    assert reader.receive(0.01) is None


def test_message_that_comes_in_pieces_is_put_together(pair):
    reader, data = frames.Reader(pair[1], limit=100), framed(b'{"a": 1}')
    for position in range(len(data)):
        assert reader.receive(0) is None
        pair[0].sendall(data[position : position + 1])
    assert reader.receive(1) == {"a": 1}


@pytest.mark.parametrize("length", [101, 2**40, 2**64 - 1])
def test_message_longer_than_agreed_is_refused_before_it_arrives(pair, length):
    pair[0].sendall(framed(b"", length))
    with pytest.raises(frames.FrameError, match="at most 100 are read"):
        frames.Reader(pair[1], limit=100).receive(1)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"1", b"\xff", b"[" * 90, b"NaN"])
def test_what_is_no_json_object_is_refused(pair, data):
    pair[0].sendall(framed(data))
    with pytest.raises(frames.FrameError):
        frames.Reader(pair[1], limit=100).receive(1)


def test_sender_waits_as_long_as_it_may_whatever_was_received_before(pair):
    reader = frames.Reader(pair[0], limit=100)
    assert reader.receive(0.001) is None  # which leaves the socket with a time limit of its own
    large = {"text": "x" * 5_000_000}
    late = threading.Timer(0.3, lambda: frames.Reader(pair[1], limit=10_000_000).receive(10))
    late.start()
    frames.send(pair[0], large, seconds=10)
    late.join()
    with pytest.raises(TimeoutError):
        frames.send(pair[0], large, seconds=0.1)


def test_end_is_noticed_in_the_middle_of_a_message(pair):
    pair[0].sendall(framed(b"{}")[:-1])
    pair[0].shutdown(socket.SHUT_WR)
    with pytest.raises(EOFError):
        frames.Reader(pair[1], limit=100).receive(1)
