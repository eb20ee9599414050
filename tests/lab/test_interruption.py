"""Signals end the work early, but never in the middle of saving."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress

import pytest

from webdyno.errors import Interrupted
from webdyno.lab.interruption import Interruption


@pytest.mark.usefixtures("hears_hang_ups")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_raises_interrupted_and_names_itself(number: signal.Signals) -> None:
    with Interruption(), pytest.raises(Interrupted, match=number.name):
        os.kill(os.getpid(), number)


def test_inside_a_shield_the_signal_waits_for_the_end() -> None:
    saved = []
    with Interruption() as interruption:
        with pytest.raises(Interrupted), interruption.shield():
            os.kill(os.getpid(), signal.SIGINT)
            saved.append("whole")
        assert saved == ["whole"]


def test_code_that_swallows_errors_does_not_swallow_a_signal() -> None:
    with Interruption(), pytest.raises(Interrupted), suppress(Exception):
        os.kill(os.getpid(), signal.SIGINT)


def test_a_signal_that_was_lost_all_the_same_is_raised_at_the_end_of_the_next_shield() -> None:
    with Interruption() as interruption:
        with suppress(Interrupted):
            os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Interrupted, match="SIGINT"), interruption.shield():
            pass


class Dropped:
    """Is interrupted while it is destroyed: what is raised there goes nowhere."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)


def test_a_signal_that_finds_the_program_in_a_destructor_is_raised_soon_after() -> None:
    never = threading.Event()
    with Interruption(), pytest.raises(Interrupted, match="SIGTERM"):
        Dropped()
        never.wait(60)


def test_other_errors_in_destructors_are_shown_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    class Faulty:
        def __del__(self) -> None:
            raise ValueError

    seen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: seen.append(unraisable.exc_type))
    before = sys.unraisablehook
    with Interruption():
        Faulty()
    assert seen == [ValueError]
    assert sys.unraisablehook is before


def test_a_signal_in_a_shielded_block_that_fails_is_raised_and_the_failure_is_its_context() -> None:
    with Interruption() as interruption, pytest.raises(Interrupted) as caught, interruption.shield():
        signal.raise_signal(signal.SIGINT)
        raise ValueError("the block's own")
    assert isinstance(caught.value.__context__, ValueError)


def test_nested_shields_hold_until_the_outermost_ends() -> None:
    steps = []
    with Interruption() as interruption:
        with pytest.raises(Interrupted), interruption.shield():
            with interruption.shield():
                os.kill(os.getpid(), signal.SIGTERM)
            steps.append("after the inner one")
        assert steps == ["after the inner one"]


def test_signals_after_the_first_are_ignored() -> None:
    with Interruption():
        with pytest.raises(Interrupted):
            os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)


def test_once_the_work_is_over_no_signal_stops_what_is_left() -> None:
    with Interruption() as interruption:
        interruption.ignore_further()
        os.kill(os.getpid(), signal.SIGINT)


def test_entered_inside_another_the_outer_one_goes_on() -> None:
    with Interruption() as outer:
        with Interruption() as inner:
            assert inner is outer
        with pytest.raises(Interrupted):
            os.kill(os.getpid(), signal.SIGTERM)


def test_a_hang_up_that_nohup_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_handlers_are_given_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Interruption():
        assert signal.getsignal(signal.SIGINT) != before[0]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_outside_the_main_thread_it_leaves_signals_alone() -> None:
    before, seen = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with Interruption() as interruption, interruption.shield():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_where_work_goes_on_a_signal_ends_it_again() -> None:
    with Interruption() as interruption:
        interruption.ignore_further()
        interruption.go_on()
        with pytest.raises(Interrupted, match="SIGTERM"):
            os.kill(os.getpid(), signal.SIGTERM)


def test_a_signal_that_came_meanwhile_ends_the_work_that_would_go_on() -> None:
    with Interruption() as interruption:
        interruption.ignore_further()
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Interrupted, match="SIGINT"):
            interruption.go_on()
        os.kill(os.getpid(), signal.SIGINT)
