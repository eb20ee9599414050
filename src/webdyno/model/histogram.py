"""Histogram of times: log-linear buckets as in HdrHistogram, exact to 0.1 %, of fixed size, mergeable by adding counts.

The bucket layout and the encoding are those of HdrHistogram V2 (three significant digits, unit 1 ns, up to one hour),
so that its other implementations can read what is stored here. See the format notes at http://hdrhistogram.org.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

SIGNIFICANT_DIGITS = 3
HIGHEST_NS = 3_600_000_000_000
_HALF_BITS = 10
_HALF = 1 << _HALF_BITS
_BUCKETS = HIGHEST_NS.bit_length() - (_HALF_BITS + 1) + 1
SIZE = (_BUCKETS + 1) * _HALF

_HEADER = struct.Struct(">iiiiqqd")
_COMPRESSED = struct.Struct(">ii")
_MOST_COUNTED = 1 << 40
_COOKIE = 0x1C849303 | 0x10
_COMPRESSED_COOKIE = 0x1C849304 | 0x10

Counts = npt.NDArray[np.int64]


class Histogram:
    """Counts of times in nanoseconds.

    Values are clamped to 0 ... one hour; the greatest and smallest value are known to bucket precision.
    """

    __slots__ = ("counts",)

    def __init__(self, counts: Counts | None = None) -> None:
        self.counts: Counts = np.zeros(SIZE, dtype=np.int64) if counts is None else counts

    def record(self, values_ns: npt.ArrayLike, times: Counts | None = None) -> None:
        """Add many values at once; an array of n values costs one pass, so call it with batches.

        Args:
            values_ns: the values.
            times: how often each came; None for once.
        """
        values = np.asarray(values_ns, dtype=np.int64)
        if values.size:
            index = _index(np.minimum(np.maximum(values, 0), HIGHEST_NS))
            # Times lie close together: only the buckets between the least and the greatest are touched.
            lowest = int(index.min())
            counts = np.bincount(index - lowest, times).astype(np.int64, copy=False)
            self.counts[lowest : lowest + counts.size] += counts

    def merge(self, other: Histogram) -> None:
        """Add the counts of another histogram."""
        self.counts += other.counts

    @classmethod
    def merged(cls, encoded: Iterable[str]) -> Histogram:
        """Decode several histograms into one; of none, an empty one."""
        total = cls()
        for text in encoded:
            total.merge(cls.decode(text))
        return total

    @property
    def count(self) -> int:
        """How many values were recorded."""
        return int(self.counts.sum())

    def quantile_ns(self, q: float) -> float | None:
        """The value at or below which a share `q` (0-1) of all values lies, by nearest rank; None when empty."""
        filled = np.flatnonzero(self.counts)
        if not filled.size:
            return None
        upto = np.cumsum(self.counts[filled])
        rank = min(max(int(np.ceil(q * int(upto[-1]) - 1e-9)), 1), int(upto[-1]))
        return float(_middles()[filled[np.searchsorted(upto, rank)]])

    def mean_ns(self) -> float | None:
        """The mean; None when empty."""
        # Of the filled buckets only: over all of them numpy would wake threads, which take cores from a measurement.
        middles, counts = self.points()
        return float(middles @ counts) / int(counts.sum()) if counts.size else None

    def points(self) -> tuple[npt.NDArray[np.float64], Counts]:
        """The middle in nanoseconds and the count of every bucket that is not empty, ascending."""
        filled = np.flatnonzero(self.counts)
        return _middles()[filled], self.counts[filled]

    def encode(self) -> str:
        """Write as HdrHistogram's compressed V2 form in base64."""
        payload = _encode_counts(self.counts)
        header = _HEADER.pack(_COOKIE, len(payload), 0, SIGNIFICANT_DIGITS, 1, HIGHEST_NS, 1.0)
        packed = zlib.compress(header + payload)
        return base64.b64encode(_COMPRESSED.pack(_COMPRESSED_COOKIE, len(packed)) + packed).decode("ascii")

    @classmethod
    def decode(cls, text: str) -> Histogram:
        """Read what `encode` wrote.

        Raises:
            ValueError: the text is not an encoded histogram, or one of another precision, unit or range.
        """
        try:
            raw = base64.b64decode(text, validate=True)
            cookie, length = _COMPRESSED.unpack_from(raw)
            if cookie != _COMPRESSED_COOKIE:
                raise ValueError("not a compressed HdrHistogram V2")
            unpacker = zlib.decompressobj()
            data = unpacker.decompress(raw[_COMPRESSED.size : _COMPRESSED.size + length], _HEADER.size + 9 * SIZE)
            cookie, size, offset, digits, lowest, highest, _ratio = _HEADER.unpack_from(data)
        except (binascii.Error, struct.error, zlib.error) as error:
            raise ValueError(f"not an encoded histogram: {error}") from error
        if (cookie, offset, digits, lowest, highest) != (_COOKIE, 0, SIGNIFICANT_DIGITS, 1, HIGHEST_NS):
            raise ValueError("a histogram of another precision, unit or range")
        return cls(_decode_counts(data[_HEADER.size : _HEADER.size + size]))


def _index(values: Counts) -> Counts:
    # The exponent of a double, which is exact below 2**53, tells the bit length.
    exponent = (values | (2 * _HALF - 1)).astype(np.float64).view(np.int64) >> 52
    bucket = exponent - (1023 + _HALF_BITS)
    return ((bucket + 1) << _HALF_BITS) + (values >> bucket) - _HALF


_MIDDLES: npt.NDArray[np.float64] | None = None


def _middles() -> npt.NDArray[np.float64]:
    global _MIDDLES
    if _MIDDLES is None:
        index = np.arange(SIZE, dtype=np.int64)
        bucket = np.maximum((index >> _HALF_BITS) - 1, 0)
        sub = np.where(index < _HALF, index, (index & (_HALF - 1)) + _HALF)
        _MIDDLES = (sub << bucket) + ((1 << bucket) - 1) / 2
    return _MIDDLES


def _encode_counts(counts: Counts) -> bytes:
    """Counts as zigzag LEB128 numbers of at most nine bytes; a run of n empty buckets is the number -n."""
    filled = np.flatnonzero(counts)
    empty_before = np.diff(filled, prepend=-1) - 1
    numbers = np.column_stack((-empty_before, counts[filled])).ravel()
    numbers = numbers[numbers != 0]
    bits = ((numbers << 1) ^ (numbers >> 63)).astype(np.uint64)
    sizes = np.ones(bits.size, dtype=np.int64)
    for groups in range(1, 9):
        sizes += bits >= np.uint64(1) << np.uint64(7 * groups)
    place = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    groups_of = np.repeat(bits, sizes) >> (7 * place).astype(np.uint64)
    goes_on = place < np.repeat(sizes, sizes) - 1
    written: npt.NDArray[np.uint64] = np.where(goes_on, groups_of & 0x7F | 0x80, groups_of)
    return written.astype(np.uint8).tobytes()


def _decode_counts(payload: bytes) -> Counts:
    counts = np.zeros(SIZE, dtype=np.int64)
    numbers = _numbers(payload)
    if numbers.size:
        steps = np.maximum(-numbers, 1)
        if numbers.min() < -SIZE or steps.sum() > SIZE:
            raise ValueError("an encoded histogram with too many counts")
        filled = numbers > 0
        # Far more than any load sends, and so few that counts of many histograms can be added.
        if numbers[filled].sum(dtype=np.float64) > _MOST_COUNTED:
            raise ValueError("an encoded histogram of too many values")
        counts[(np.cumsum(steps) - steps)[filled]] = numbers[filled]
    return counts


def _numbers(payload: bytes) -> Counts:
    """The zigzag LEB128 numbers of a histogram, read all at once."""
    data = np.frombuffer(payload, dtype=np.uint8)
    ends = np.flatnonzero(data < 0x80)
    sizes = np.diff(ends, prepend=-1)
    if not ends.size or ends[-1] != data.size - 1 or sizes.max() > 8:
        return np.array(list(_one_by_one(payload)), dtype=np.int64)
    starts = ends - sizes + 1
    place = np.arange(data.size) - np.repeat(starts, sizes)
    bits = np.add.reduceat((data & 0x7F).astype(np.int64) << (7 * place), starts)
    return np.asarray((bits >> 1) ^ -(bits & 1))


def _one_by_one(payload: bytes) -> Iterator[int]:
    """The same where a number takes nine bytes, the last of them whole, or where something is wrong."""
    at = 0
    while at < len(payload):
        value, at = _read_zigzag(payload, at)
        yield value


def _read_zigzag(payload: bytes, at: int) -> tuple[int, int]:
    bits = 0
    for place in range(9):
        if at >= len(payload):
            raise ValueError("a truncated histogram")
        byte = payload[at]
        at += 1
        if place == 8:
            bits |= byte << 56
            break
        bits |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            break
    return (bits >> 1) ^ -(bits & 1), at
