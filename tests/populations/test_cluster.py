"""Sweeps on a real Ray cluster: the same records as here, also when a node is lost."""

import os
import socket
import sys

import pytest

import faults
from designspaces.__main__ import main
from designspaces.populations.cluster import Cluster
from designspaces.populations.executors import WorkerDied


def test_without_ray_the_error_says_how_to_install_it(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "ray", None)
    sweep = ["sweep", "--space", "RegNetX", "--n", "1", "--executor", "ray"]
    assert main([*sweep, "--folder", str(tmp_path)]) == 2
    assert 'pip install "designspaces[cluster]"' in capsys.readouterr().err


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_share_of_a_gpu_is_a_fraction(share):
    with pytest.raises(ValueError, match=f"gpu_share is {share}"):
        Cluster(gpu_share=share)


def test_an_address_where_nobody_answers_is_told_at_once():
    """Ray itself goes on trying, for a quarter of an hour."""
    pytest.importorskip("ray")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ValueError, match=f"no Ray cluster answers at '{address}'"):
            Cluster(address)


@pytest.mark.skipif(sys.platform != "linux", reason="Ray's clusters of several nodes are Linux's")
def test_a_node_lost_in_the_middle_costs_no_record(tmp_path):
    pytest.importorskip("ray")
    outcome = faults.lost_node(tmp_path, n=8)
    assert outcome.harmless, outcome
    assert outcome.moments == 1
    assert outcome.records == 16


def test_errors_of_tasks_come_back_and_a_deadly_task_is_given_up(monkeypatch):
    pytest.importorskip("ray")
    monkeypatch.setattr("designspaces.populations.cluster.MOST_ATTEMPTS", 2)
    executor = Cluster(gpu_share=0)
    try:
        with pytest.raises(ValueError, match="so it is"):
            executor.submit(int, "so it is").result(timeout=120)
        with pytest.raises(WorkerDied, match="again and again"):
            executor.submit(os._exit, 1).result(timeout=120)
    finally:
        executor.shutdown()
