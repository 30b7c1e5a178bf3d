"""The checks of the training chapter: answers that torch and a simulation find right, and hints."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from designspaces.book.exercises.training import CHECKS  # noqa: E402


def test_the_loss_that_torch_computes_is_right():
    logits = torch.tensor([[5.0] + [0.0] * 9])
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor([1])).item()
    assert CHECKS["training-first-loss"](loss) is None
    assert CHECKS["training-first-loss"](round(loss, 2)) is None


def test_so_many_images_tell_the_two_apart():
    n = 25_540
    assert CHECKS["training-images"](n) is None
    wins = np.random.default_rng(0).binomial(n, [0.91, 0.915], size=(20_000, 2)) / n
    spread = np.diff(wins, axis=1).std()
    assert 0.005 / spread == pytest.approx(2, rel=0.03)


def test_the_luckiest_epoch_is_that_of_the_recorded_run():
    from designspaces.training.results import recorded

    curve = [100 * epoch.val_accuracy for epoch in recorded("plain_resnet")[0].epochs[:9]]
    gain = max(curve) - curve[-1]
    assert CHECKS["training-luck"](gain) is None
    assert "percentage points" in CHECKS["training-luck"](gain / 100)
    assert "the best epoch reached" in CHECKS["training-luck"](max(curve))


def test_a_row_and_a_column_of_the_matrix():
    assert CHECKS["training-confusion"]((0.7, 70 / 82)) is None


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("first-loss", 2.3026, "ten equal logits"),
        ("first-loss", 0.0589, "were the right one"),
        ("first-loss", 5, "the other nine"),
        ("first-loss", -5.06, "never negative"),
        ("first-loss", 3.0, "softmax"),
        ("first-loss", "5.06", "one number"),
        ("first-loss", True, "one number"),
        ("images", 13_104, "both accuracies vary"),
        ("images", 12_444, "both accuracies vary"),
        ("images", 6_387, "twice its standard error"),
        ("images", 2.555, "percentage points"),
        ("images", 159.8, "not for its root"),
        ("images", 5_000, "solve for n"),
        ("images", float("nan"), "one number"),
        ("luck", "lucky", "one number"),
        ("luck", 12.0, "largest accuracy"),
        ("confusion", (70 / 82, 0.7), "changed places"),
        ("confusion", (70, 85.4), "these are percentages"),
        ("confusion", (0.7, 0.5), "first is right"),
        ("confusion", (0.5, 70 / 82), "second is right"),
        ("confusion", (0.5, 0.5), "Of how many"),
        ("confusion", 0.7, "two numbers"),
        ("confusion", "ab", "two numbers"),
    ],
)
def test_a_wrong_answer_gets_its_hint(name, answer, hint):
    assert hint in CHECKS[f"training-{name}"](answer)
