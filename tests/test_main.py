"""The command line: a sentence and exit status 2 for input that cannot be used."""

import importlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from designspaces import __main__
from designspaces.__main__ import main
from designspaces.commands import sweeping, training
from designspaces.populations.population import Population
from designspaces.training import recipe as recipes
from own_records import make_own


@pytest.fixture
def tiny_protocol(monkeypatch, tmp_path):
    """The textbook's recipe cut down to seconds, and a results folder of its own."""
    from dataclasses import replace

    cut = replace(recipes.QUICK, epochs=2, resolution=32, train_images=256, val_images=100)
    monkeypatch.setattr(recipes, "QUICK", cut)
    monkeypatch.setenv("DESIGNSPACES_RESULTS", str(tmp_path / "results"))
    return tmp_path


def test_train_trains_once_and_records(tiny_protocol, capsys):
    record = tiny_protocol / "run.json"
    command = ["train", "--profile", "quick", "--network", "plain_resnet", "--record", str(record)]
    assert main(command) == 0
    first = capsys.readouterr()
    assert "epoch  2/2: training loss" in first.out + first.err
    assert "minutes left" in first.out + first.err
    assert "test accuracy" in first.out
    history = json.loads(record.read_text())["history"]
    assert (history["status"], len(history["epochs"])) == ("trained", 2)
    assert main(command) == 0
    second = capsys.readouterr()
    assert "epoch " not in second.err, "it trained again"
    assert second.out.splitlines()[1] == first.out.splitlines()[-2]


def test_fresh_keeps_nothing(tiny_protocol, capsys):
    assert main(["train", "--profile", "quick", "--epochs", "1", "--fresh"]) == 0
    assert not (tiny_protocol / "results").exists()


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["train", "--profile", "fast"], "expected one of full, quick"),
        (["train", "--profile", "quick", "--epochs", "0"], "epochs is 0"),
        (["train", "--profile", "quick", "--precision", "int8"], "precision is 'int8'"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(command, message, capsys):
    assert main(command) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("designspaces: ")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["data"], "interrupted"),
        (["sweep"], "interrupted; the same command goes on from here"),
        (["train"], "interrupted; the same command goes on from here"),
        (["train", "--fresh"], "interrupted"),
    ],
)
def test_an_interrupt_says_how_to_go_on_where_something_is_kept(command, told, monkeypatch, capsys):
    def interrupt(_):
        raise KeyboardInterrupt

    module = sweeping if command[0] == "sweep" else training
    monkeypatch.setattr(module, command[0], interrupt)
    assert main(command) == 130
    assert capsys.readouterr().err == f"designspaces: {told}\n"


def test_figures_are_written(tmp_path):
    assert main(["figures", "--folder", str(tmp_path)]) == 0
    assert (tmp_path / "staircase.svg").read_text().startswith("<svg")


def test_importing_the_command_line_is_light():
    code = "import sys, designspaces.__main__; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    importlib.reload(__main__)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks GNU's OpenMP, Linux's")
@pytest.mark.parametrize("policy", [None, "ACTIVE"])
def test_threads_wait_asleep_unless_the_user_says_otherwise(policy):
    pytest.importorskip("torch")  # the command imports it before the policy can be read back
    code = (
        "import importlib; from designspaces import __main__;"
        "from designspaces.commands import training;"
        "training.data = lambda _: importlib.import_module('torch');"
        "__main__.main(['data'])"
    )
    environment = os.environ | {"OMP_DISPLAY_ENV": "TRUE", "OMP_WAIT_POLICY": policy or ""}
    if policy is None:
        del environment["OMP_WAIT_POLICY"]
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert f"OMP_WAIT_POLICY = '{policy or 'PASSIVE'}'" in done.stderr


def test_sample_prints_what_the_space_draws(capsys):
    from designspaces.spaces import SPACES

    assert main(["sample", "--space", "AnyNetX_E", "--n", "2", "--seed", "7"]) == 0
    lines = capsys.readouterr().out.splitlines()
    networks = SPACES["AnyNetX_E"].sample(2, 7)
    assert [str(network.widths) in line for network, line in zip(networks, lines, strict=True)]
    assert all("multiply-adds" in line for line in lines)


def test_a_sweep_trains_and_its_files_are_reported_and_verified(monkeypatch, tmp_path, capsys):
    from dataclasses import replace

    tiny = replace(recipes.POPULATION, name="tiny", train_images=64, val_images=50)
    monkeypatch.setattr(recipes, "POPULATION", tiny)
    folder = ["--folder", str(tmp_path)]
    sweep = ["sweep", "--space", "AnyNetX_E", "--space", "RegNetX", "--n", "2", *folder]
    assert main(sweep) == 0
    assert "4 networks in" in capsys.readouterr().out
    assert main(["status", *folder]) == 0
    status = capsys.readouterr().out
    assert "AnyNetX_E: 2 networks, spread " in status
    assert " points, 0 diverged" in status
    assert "median" not in status
    assert main(["verify", *folder]) == 0
    assert "RegNetX.jsonl: 2 networks, whole and as drawn" in capsys.readouterr().out
    path = tmp_path / "RegNetX.jsonl"
    path.write_text(path.read_text().replace('"index": 0', '"index": 1'))
    assert main(["verify", *folder]) == 2
    assert ": edited: the digest" in capsys.readouterr().err, "of whichever was done first"


def test_claims_are_printed_with_their_verdicts(capsys):
    from designspaces.judging.claims import evaluate
    from designspaces.judging.telling import told_verdict
    from designspaces.judging.verdicts import VERDICTS
    from designspaces.populations.population import Population

    assert main(["claims"]) == 0
    printed = capsys.readouterr().out
    for name, finding in evaluate(Population.recorded()).items():
        assert f"{name} ({finding.claim.family}): {finding.claim.text}" in printed
        assert f"    {told_verdict(finding)}: {finding.measured}" in printed
        assert finding.verdict in VERDICTS


@pytest.mark.parametrize("command", ["status", "verify", "claims"])
def test_a_folder_without_populations_is_named(command, tmp_path, capsys):
    assert main([command, "--folder", str(tmp_path)]) == 2
    assert f"no population files (*.jsonl) in {tmp_path}" in capsys.readouterr().err


def test_an_unknown_space_is_met_with_those_there_are(capsys):
    assert main(["sample", "--space", "AnyNetX_F"]) == 2
    assert "space is 'AnyNetX_F'; expected one of AnyNetX_A" in capsys.readouterr().err


def files(folder, **lines):
    folder.mkdir(exist_ok=True)
    for name, content in lines.items():
        (folder / f"{name}.jsonl").write_text("".join(content), "utf-8")
    return ["--folder", str(folder)]


def test_verify_wants_one_space_and_one_recipe_a_file(tmp_path, capsys):
    e, x = ([*Population.recorded(name)][:3] for name in ("AnyNetX_E", "RegNetX"))
    other = replace(x[1], recipe=x[1].recipe | {"lr": 0.4})
    e, two, x = ([one.to_line() for one in some] for some in (e, [x[0], other], x))
    for content, fault in (
        (x + e, "holds AnyNetX_E/0/0/0; expected networks of RegNetX"),
        (two, "2 recipes"),
    ):
        assert main(["verify", *files(tmp_path / "p", RegNetX=content)]) == 2
        assert fault in capsys.readouterr().err
    assert main(["verify", *files(tmp_path / "p", RegNetX=x)]) == 0


def test_verify_names_the_file_whose_recipe_is_unknown_and_goes_on(tmp_path, capsys):
    e, x = ([*Population.recorded(name)][:2] for name in ("AnyNetX_E", "RegNetX"))
    foreign = replace(e[0], recipe=e[0].recipe | {"colour": "red"})
    folder = files(tmp_path / "p", AnyNetX_E=foreign.to_line(), RegNetX=[r.to_line() for r in x])
    assert main(["verify", *folder]) == 2
    told = capsys.readouterr()
    assert f"{tmp_path / 'p' / 'AnyNetX_E.jsonl'}: AnyNetX_E/0/0/0 was trained by a rec" in told.err
    assert "RegNetX.jsonl: 2 networks, whole and as drawn" in told.out


def test_claims_of_networks_of_ones_own_take_a_plan(tmp_path, capsys):
    own = [record.to_line() for record in make_own("designspaces.book.template.space:FREE", 2)]
    assert main(["claims", *files(tmp_path / "p", template_free=own)]) == 2
    error = capsys.readouterr().err
    assert f"{tmp_path / 'p'} has no networks of the spaces that the paper's" in error
    assert "name a plan of yours by --plan" in error


@pytest.mark.parametrize("command", [["claims"], ["sweep", "--space", "RegNetX"]])
def test_what_is_no_plan_is_refused(command, capsys):
    assert main([*command, "--plan", "designspaces.experiments.plain.plan:N"]) == 2
    assert "plan:N is a dict; expected a Plan" in capsys.readouterr().err


def test_claims_of_a_plan_are_of_the_folder_that_a_sweep_fills(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    plan = ["claims", "--plan", "designspaces.experiments.plain.plan:PLAN"]
    assert main(plan) == 2
    assert "the folder populations cannot be read" in capsys.readouterr().err
    x = [record.to_line() for record in Population.study("primary").space("RegNetX")][:2]
    files(tmp_path / "populations", RegNetX=x)
    assert main(plan) == 0
    told = capsys.readouterr().out
    assert "networks of populations" in told
    assert re.search(r"^RegNetX: 2 of 100 networks, spread \d\.\d\d points, 0 diverged", told, re.M)
    assert re.search(r"^ResNet_like_RegNetX: 0 of 100 networks, 0 diverged", told, re.M)


def test_a_torn_line_is_told_in_a_sentence(tmp_path, capsys):
    x = [record.to_line() for record in Population.recorded("RegNetX")][:2]
    assert main(["status", *files(tmp_path / "p", RegNetX=[x[0], x[1][:50]])]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("designspaces: ")
    assert line.endswith("the last line is torn and passed over")


def test_a_reader_who_has_enough_hears_no_complaint():
    command = f"{sys.executable} -m designspaces sample --space RegNetX --n 400 | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        (["train", "--seed", "-1"], "--seed is -1"),
        (["train", "--record", "."], "--record is .; expected a file"),
        (["train", "--record", "none/here.json"], "expected a file in a folder that is there"),
        (["sweep", "--space", "RegNetX", "--n", "0"], "--n is 0; expected a positive integer"),
    ],
)
def test_what_a_training_would_end_with_is_told_before_it(
    command, fault, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert main(command) == 2
    assert fault in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_file_is_no_folder_for_figures(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["compare", "a", "b", "--out", str(tmp_path / "file")]) == 2
    assert "a file; expected a folder" in capsys.readouterr().err
