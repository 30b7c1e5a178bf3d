"""The images' share in the error of a difference, against draws of images from a world of them."""

from dataclasses import replace

import numpy as np
import pytest

from designspaces.judging.effects import Effect, Sample, contrast, slope, slope_weights
from designspaces.judging.images import mistakes_of, with_images, with_weighed_images
from designspaces.judging.intervals import simultaneous
from designspaces.populations.population import Population
from designspaces.populations.record import pack_mistakes

ABLE = np.linspace(-0.5, 0.5, 10)  # of ten networks a group, on the scale of the logit


def judge(rng, able_a, able_b, images):
    """Mistakes of two groups on images drawn afresh: some are hard, some for one group alone."""
    hard, apart = rng.normal(-2, 2, images), rng.normal(0, 1, images)
    logits = [np.add.outer(able_a, hard - apart / 2), np.add.outer(able_b, hard + apart / 2)]
    return [rng.random(one.shape) < 1 / (1 + np.exp(-one)) for one in logits]


def on_images(a, b, value=0.0, error=0.0):
    """A difference whose standard error, due to the networks, is `error`, on these images."""
    return with_images(Effect("b - a", value, {"networks": error}, (len(a), len(b))), a, b)


def test_the_error_is_the_spread_over_draws_of_images():
    rng = np.random.default_rng(1)
    differences, errors, unpaired = [], [], []
    for _ in range(2000):
        a, b = judge(rng, ABLE, ABLE + 0.3, 200)
        differences.append(100 * (b.mean() - a.mean()))
        errors.append(on_images(a, b).error)
        unpaired.append(100 * np.sqrt(sum(one.mean(axis=0).var() / 200 for one in (a, b))))
    spread = np.std(differences)  # known to 1.6%
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(spread, rel=0.05)
    assert np.mean(unpaired) > 1.5 * spread, "the images are shared, and this would not tell"


def test_the_interval_holds_over_networks_and_images():
    rng = np.random.default_rng(2)
    narrow = wide = 0
    for _ in range(1000):
        a, b = judge(rng, rng.normal(0, 0.4, 40), rng.normal(0, 0.4, 40), 200)
        value = 100 * (b.mean() - a.mean())  # the truth is 0: the groups are alike
        error = np.hypot(*(100 * one.mean(axis=1).std(ddof=1) / np.sqrt(40) for one in (a, b)))
        (interval,) = simultaneous([on_images(a, b, value, error)])
        narrow += abs(value) <= 1.96 * error
        wide += interval.low <= 0 <= interval.high
    assert narrow < 900
    assert 935 <= wide <= 985


def test_an_effect_stands_on_the_images_too():
    rng = np.random.default_rng(3)
    a, b = judge(rng, ABLE, ABLE + 0.3, 200)
    c, _ = judge(rng, ABLE, ABLE, 200)
    samples = [
        Sample(name, [(name, row) for row in range(10)], 100 * one.mean(axis=1))
        for name, one in zip("abc", (a, b, c), strict=True)
    ]
    over_networks = contrast(samples[0], samples[1], "a-b")
    effect = with_images(over_networks, a, b)
    assert effect.value == over_networks.value
    assert effect.error == pytest.approx(np.hypot(over_networks.error, on_images(a, b).error))
    # c - b is what is left of c - a without b - a, of the same images too
    step = with_images(contrast(samples[1], samples[2], "b-c"), b, c)
    whole = with_images(contrast(samples[0], samples[2], "a-c"), a, c)
    assert whole.minus(effect, "b-c").error == pytest.approx(step.error)


def test_a_slope_stands_on_the_images_as_the_difference_that_it_is():
    """With two kinds and nothing held a slope is the difference of their means."""
    rng = np.random.default_rng(3)
    a, b = judge(rng, ABLE, ABLE + 0.3, 300)
    kind = np.repeat([0.0, 1.0], len(ABLE))
    bare = Effect("b - a", 0.0, {"networks": 0.1}, (10, 10))
    weighed = with_weighed_images(bare, np.concatenate([a, b]), slope_weights("kinds", kind))
    assert weighed.influence == pytest.approx(with_images(bare, a, b).influence)
    errors, held = rng.normal(10, 1, 20), rng.normal(size=(20, 2))
    found = slope("x", range(20), errors, kind, held).value
    assert slope_weights("x", kind, held) @ errors == pytest.approx(found)


@pytest.mark.parametrize(
    ("a", "b", "fault"),
    [
        (np.zeros((3, 5)), np.zeros((3, 6)), r"shapes \(3, 5\) and \(3, 6\)"),
        (np.zeros(5), np.zeros(5), r"shapes \(5,\)"),
        (np.zeros((0, 5)), np.zeros((3, 5)), "at least one network"),
        (np.zeros((3, 1)), np.zeros((3, 1)), "there are 1 images"),
    ],
)
def test_what_is_no_pair_of_groups_is_refused(a, b, fault):
    with pytest.raises(ValueError, match=fault):
        on_images(a, b)


def record(index, wrong, **changes):
    old = next(iter(Population.recorded("AnyNetX_E")))
    return replace(
        old,
        **{"schema": 2, "index": index, "val_error": float(np.mean(wrong))}
        | {"val_mistakes": pack_mistakes(np.asarray(wrong, bool))}
        | changes,
    )


def test_networks_at_the_cap_do_not_hang_on_the_images():
    below, above = np.arange(50) < 7, np.arange(50) >= 7
    lost = record(2, below, status="diverged", val_error=0.9, val_mistakes=None)
    records = [record(0, below), record(1, above), lost]
    assert np.array_equal(mistakes_of(records), [below, 0 * below, 0 * below])


def test_networks_judged_otherwise_are_refused():
    one = record(0, np.arange(50) < 7)
    old = replace(one, schema=1, index=4, val_mistakes=None)
    with pytest.raises(ValueError, match=f"{old.id} is of schema 1"):
        mistakes_of([old, old])
    with pytest.raises(
        ValueError, match="50 of validation, 60 of validation; expected the same by"
    ):
        mistakes_of([one, record(1, np.arange(60) < 7)])
    other = replace(one, recipe=one.recipe | {"split": "test"})
    with pytest.raises(ValueError, match="50 of test, 50 of validation; expected the same by"):
        mistakes_of([one, other])
    with pytest.raises(ValueError, match="these images: none"):
        mistakes_of([])
