"""Fixtures of the tests that run models."""

import pytest
import torch

from training.tests import tiny


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Run torch with one thread: threads that wait for each other are slow if cores are shared."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """The encoder of a tiny untrained CLIP; tests must not change its weights."""
    return tiny.encoder(tiny.write_model(tmp_path_factory.mktemp("models") / "tiny"))
