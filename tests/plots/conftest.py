import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def course_style():
    with plt.style.context("coursekit.style"):
        yield
    plt.close("all")
