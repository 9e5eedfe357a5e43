from __future__ import annotations

import threading

from commune_pilots.runs.halt import Halt


def test_nothing_is_asked_at_first_and_it_stays_asked_once_it_is():
    halt = Halt()
    assert not halt.asked
    halt.stop()
    halt.stop()
    assert halt.asked


def test_stopping_ends_every_kernel_once():
    halt, ended = Halt(), []
    for name in "abc":
        halt.watch(lambda name=name: ended.append(name))
    assert ended == []
    halt.stop()
    halt.stop()
    assert ended == ["a", "b", "c"]


def test_a_kernel_that_starts_after_the_halt_is_ended_at_once():
    halt, ended = Halt(), []
    halt.stop()
    halt.watch(lambda: ended.append("late"))
    assert ended == ["late"]


def test_it_can_be_asked_from_another_thread():
    halt, ended = Halt(), threading.Event()
    halt.watch(ended.set)
    thread = threading.Thread(target=halt.stop)
    thread.start()
    thread.join(10)
    assert ended.is_set()


def test_a_kernel_that_is_just_starting_while_all_are_stopped_is_not_missed():
    halt, ended = Halt(), []
    halt.watch(lambda: halt.watch(lambda: ended.append("started meanwhile")))
    halt.stop()
    assert ended == ["started meanwhile"]
