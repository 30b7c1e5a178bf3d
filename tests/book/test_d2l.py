"""d2l's interface: the textbook's lines run as they stand and with each `d2l.` replaced by ours."""

from types import SimpleNamespace

import pytest
import torch

base = pytest.importorskip("d2l.torch")

from designspaces import d2l  # noqa: E402
from designspaces.designs.architecture import Architecture  # noqa: E402
from designspaces.networks import anynet  # noqa: E402
from designspaces.training import fashion_mnist, fetch  # noqa: E402
from hiding import without  # noqa: E402
from looking import freeze_norms, remember  # noqa: E402
from reference import copy_d2l_weights, d2l_regnetx32  # noqa: E402


@pytest.fixture
def few(monkeypatch):
    """Fashion-MNIST cut down to a few images wherever it is loaded."""
    load = fashion_mnist.load
    cut = {"train_images": 300, "val_images": 200}
    monkeypatch.setattr(
        fashion_mnist, "load", lambda *args, **options: load(*args, **options | cut)
    )


@pytest.fixture(autouse=True)
def no_board(monkeypatch):
    """d2l's board redraws its figure again and again; nobody looks at it here."""
    monkeypatch.setattr(base.ProgressBoard, "draw", lambda *_, **__: None)


@pytest.mark.parametrize("network_class", [anynet.RegNetX32, d2l.RegNetX32])
def test_the_network_gives_the_logits_of_d2ls_own(network_class):
    torch.manual_seed(0)
    theirs = d2l_regnetx32(base)
    ours = network_class(conv_bias=True)
    for module in theirs.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -1, 1)
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
            torch.nn.init.uniform_(module.weight, 0.5, 2)
            torch.nn.init.uniform_(module.bias, -1, 1)
    copy_d2l_weights(theirs, ours)
    x = torch.rand(4, 1, 96, 96)
    for training in (False, True):
        with torch.no_grad():
            expected, found = (net.train(training)(x) for net in (theirs, ours))
        assert (expected - found).abs().max() <= 1e-5 * expected.abs().max().clamp(min=1)
    assert sum(p.numel() for p in theirs.parameters()) == 179_290


def test_the_textbooks_lines_with_ours(few):
    model = d2l.RegNetX32(lr=0.05)
    trainer = d2l.Trainer(max_epochs=1, num_gpus=1)
    data = d2l.FashionMNIST(batch_size=128, resize=(96, 96))
    trainer.fit(model, data, progress=False)
    assert trainer.history.status == "trained"
    assert trainer.history.recipe.lr == 0.05
    assert trainer.history.recipe.resolution == 96


def test_our_network_and_data_train_with_d2ls_trainer(few):
    model = d2l.AnyNet(((1, 8, 4, 1), (1, 16, 4, 1)), 8, lr=0.1)
    before = model.net.stem[0].conv.weight.clone()
    trainer = base.Trainer(max_epochs=1, num_gpus=1)
    trainer.fit(model, d2l.FashionMNIST(batch_size=64))
    assert trainer.train_batch_idx == 5
    assert not torch.equal(model.net.stem[0].conv.weight, before)


def test_our_data_hold_what_d2ls_loader_would_yield(few):
    data = d2l.FashionMNIST(batch_size=64, resize=(32, 32))
    batches = list(data.val_dataloader())
    assert len(batches) == len(data.val_dataloader()) == 4
    x, y = batches[0]
    assert x.shape == (64, 1, 32, 32)
    assert x.dtype == torch.float32
    assert 0 <= x.min() < x.max() <= 1
    assert data.text_labels(y[:1]) == [fetch.CLASSES[y[0]]]


def test_classes_can_be_built_up_cell_by_cell():
    class Net(d2l.AnyNet):
        pass

    @d2l.add_to_class(Net)
    def stem(self, num_channels):
        self.channels = num_channels
        return torch.nn.Sequential(torch.nn.Conv2d(1, num_channels, 5), torch.nn.ReLU())

    model = Net(((1, 8, 4, 1),), 8)
    assert isinstance(model.net.stem[0], torch.nn.Conv2d)
    assert model(torch.zeros(1, 1, 28, 28)).shape == (1, 10)


def test_layer_summary_has_the_textbooks_shapes(capsys):
    d2l.RegNetX32().layer_summary((1, 1, 96, 96))
    shapes = [line.split(": ")[1] for line in capsys.readouterr().out.splitlines()]
    assert shapes == ["(1, 32, 48, 48)", "(1, 32, 24, 24)", "(1, 80, 12, 12)", "(1, 10)"]


def test_what_d2ls_interface_cannot_express_is_refused():
    with pytest.raises(ValueError, match="X blocks and stride 2"):
        d2l.AnyNet(anynet.PLAIN_RESNET)
    with pytest.raises(ValueError, match="X blocks and stride 2"):
        d2l.AnyNet(Architecture.from_lists((1,), (8,), 4, strides=1))
    with pytest.raises(ValueError, match=r"resize is \(28, 32\)"):
        d2l.FashionMNIST(resize=(28, 32))


def test_a_model_with_a_loss_of_its_own_is_not_trained_without_it(few):
    class Own(d2l.AnyNet):
        def loss(self, *args):
            return 2 * super().loss(*args)

    with pytest.raises(ValueError, match="Own has its own loss"):
        d2l.Trainer(max_epochs=1).fit(Own(((1, 8, 4, 1),), 8), d2l.FashionMNIST())


def test_the_data_are_what_d2ls_readers_look_at(few, monkeypatch):
    data = d2l.FashionMNIST(resize=(32, 32))
    assert (len(data.train), len(data.val)) == (300, 200)
    pixels, label = data.train[0]
    assert data.train[0][0].shape == (1, 32, 32)
    assert pixels.dtype == torch.float32
    assert type(label) is int
    x, y = next(iter(data.val_dataloader()))
    assert torch.equal(data.val[3][0], x[3])
    assert data.val[3][1] == y[3]
    assert data.train.data.shape == (300, 32, 32)
    assert torch.equal(data.train.targets, data.images.train.labels)
    loaded = torch.utils.data.DataLoader(data.val, 8)
    assert torch.equal(next(iter(loaded))[0], x[:8])
    titles = []
    monkeypatch.setattr(base, "show_images", lambda images, *_, titles: titles_of(images, titles))

    def titles_of(images, labels):
        assert images.shape == (64, 32, 32)
        titles.extend(labels)

    data.visualize([x, y])
    assert titles == data.text_labels(y)


@pytest.mark.parametrize("resize", [28, (28,), [28, 28], torch.Size([28, 28])])
def test_a_size_may_be_one_number(few, resize):
    data = d2l.FashionMNIST(resize=resize)
    assert data.resize == (28, 28)
    assert data.train[0][0].shape == (1, 28, 28)


@pytest.mark.parametrize("resize", [0, "28", (), (28, 28, 28), None, 28.5])
def test_a_size_that_is_none_is_refused(resize):
    with pytest.raises(ValueError, match="resize is"):
        d2l.FashionMNIST(resize=resize)


def test_clipped_gradients_are_refused_in_a_sentence():
    with pytest.raises(ValueError, match=r"gradient_clip_val is 1; expected 0.*torch\.Trainer"):
        d2l.Trainer(max_epochs=1, gradient_clip_val=1)
    trainer = d2l.Trainer(10, 1, 0)
    assert (trainer.max_epochs, trainer.num_gpus, trainer.gradient_clip_val) == (10, 1, 0)


def test_after_a_training_trainer_and_model_know_each_other(few):
    model, data = d2l.AnyNet(((1, 8, 4, 1),), 8), d2l.FashionMNIST(batch_size=128)
    trainer = d2l.Trainer(max_epochs=2)
    trainer.fit(model, data, progress=False)
    assert trainer.model is model
    assert model.trainer is trainer
    assert (trainer.epoch, trainer.train_batch_idx) == (1, 6)
    assert (trainer.num_train_batches, trainer.num_val_batches) == (3, 2)
    model.validation_step(next(iter(data.val_dataloader())))  # it plots


def test_d2ls_own_lazy_network_trains_with_ours(few):
    model = d2l_regnetx32(base)
    model.lr = 0.05
    trainer = d2l.Trainer(max_epochs=1)
    trainer.fit(model, d2l.FashionMNIST(batch_size=64, resize=32), progress=False)
    assert trainer.history.status == "trained"
    assert trainer.history.params == 179_290


@pytest.mark.parametrize("name", ["configure_optimizers", "training_step", "validation_step"])
def test_a_model_with_steps_of_its_own_is_not_trained_without_them(few, name):
    own = type("Own", (d2l.AnyNet,), {name: lambda *_: None})
    with pytest.raises(ValueError, match=rf"Own has its own {name}.*torch\.Trainer"):
        d2l.Trainer(max_epochs=1).fit(own(((1, 8, 4, 1),), 8), d2l.FashionMNIST())


@pytest.mark.parametrize("name", ["prepare_batch", "fit_epoch", "clip_gradients"])
def test_a_trainer_says_which_of_d2ls_steps_it_does_not_take(few, name):
    with pytest.raises(AttributeError, match=rf"has no {name}.*torch\.Trainer"):
        getattr(d2l.Trainer(max_epochs=1), name)

    class Own(d2l.Trainer):
        pass

    @d2l.add_to_class(Own)
    def step(self, *_):
        pass

    setattr(Own, name, step)
    with pytest.raises(ValueError, match=f"Own has its own {name}"):
        Own(max_epochs=1).fit(d2l.AnyNet(((1, 8, 4, 1),), 8), d2l.FashionMNIST())


def test_data_of_another_kind_are_refused(few):
    data = base.DataModule()
    with pytest.raises(
        ValueError, match="data is a DataModule of d2l.torch; expected designspaces"
    ):
        d2l.Trainer(max_epochs=1).fit(d2l.AnyNet(((1, 8, 4, 1),), 8), data)


def test_a_summary_leaves_a_model_as_it_was(capsys):
    model = freeze_norms(d2l.RegNetX32())
    unchanged = remember(model)
    model.layer_summary((1, 1, 96, 96))
    unchanged()


@pytest.mark.parametrize(
    ("hidden", "words", "command"),
    [
        (["d2l"], "d2l is missing", "`pip install --no-deps d2l==1.0.3`;"),
        (["IPython"], "IPython is missing", "`pip install ipython`;"),
        (
            ["requests", "matplotlib_inline"],
            "requests, matplotlib_inline are missing",
            "`pip install requests matplotlib-inline`;",
        ),
        (["d2l", "scipy"], "d2l, scipy are missing", "d2l==1.0.3` and `pip install scipy`"),
    ],
)
def test_what_d2l_lacks_is_named_with_the_command(hidden, words, command):
    error = without(hidden, "import designspaces.d2l")
    assert error.startswith("designspaces.needs.EnvironmentProblem: d2l is needed here")
    assert words in error
    assert command in error


def test_what_the_trainer_is_told_reaches_the_training(few, monkeypatch):
    seen = {}

    def train(model, images, recipe, **options):
        seen.update(options, recipe=recipe, images=images)
        return SimpleNamespace(epochs=[None] * 3)

    monkeypatch.setattr(d2l, "train", train)
    monkeypatch.setattr(d2l, "best_device", lambda: torch.device("mps"))
    model, data = d2l.AnyNet(((1, 8, 4, 1),), 8, lr=0.3), d2l.FashionMNIST(64, 32)
    for gpus, device in ((0, "cpu"), (2, "mps")):
        d2l.Trainer(3, gpus, precision="float16", seed=7).fit(model, data)
        recipe = seen["recipe"]
        assert (seen["device"].type, seen["seed"], seen["progress"]) == (device, 7, True)
        assert (recipe.epochs, recipe.batch_size, recipe.lr) == (3, 64, 0.3)
        assert (recipe.precision, recipe.resolution) == ("float16", 32)
        assert seen["images"] is data.images


def test_images_to_learn_from_come_in_another_order_each_time(few):
    data = d2l.FashionMNIST(batch_size=64)
    first, second = (torch.cat([y for _, y in data.train_dataloader()]) for _ in range(2))
    assert not torch.equal(first, second)
    assert not torch.equal(first, data.train.targets)
    assert torch.equal(first.sort().values, data.train.targets.sort().values)
    judged = torch.cat([y for _, y in data.val_dataloader()])
    assert torch.equal(judged, data.val.targets)
