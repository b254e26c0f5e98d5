"""Fixtures of the tests that run models."""

import pytest
import torch


@pytest.fixture
def one_thread():
    """Two threads that wait for each other are slow where the cores are shared."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
