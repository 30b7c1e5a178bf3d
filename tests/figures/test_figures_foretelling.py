"""What was foretold beside what came: a point a network, a mean a side."""

from xml.etree import ElementTree

import numpy as np
import pytest

from designspaces.figures.foretelling import foretold


def test_each_network_is_a_point_and_each_side_has_its_mean():
    told = np.arange(12.0, 20)
    errors = told[::-1] + 30 * (told > 18)
    picture = foretold(told, errors, told < 14)
    (panel,) = picture.panels
    ElementTree.fromstring(panel)
    assert panel.count("<use") >= len(told)
    assert picture.alt == (
        "Errors of 8 networks against what was foretold of them. The 2 foretold to be best have "
        "18.50% in the mean, the others 15.83%."
    ), "an error beyond the cap counts as the cap"


def test_a_mean_takes_networks_on_either_side():
    with pytest.raises(ValueError, match="best has 3 of 3; expected some on either side"):
        foretold([1, 2, 3], [1, 2, 3], [True] * 3)
