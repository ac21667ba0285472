"""How an exercise is found, and what every exercise has."""

import pytest

from coursekit.exercises import chapters, exercises, find


@pytest.mark.parametrize("number", ["02.9", "99.1", "2.3", "", 2.3, None])
def test_an_unknown_number_lists_the_known_ones(number):
    with pytest.raises(ValueError, match=r"unknown exercise number .*; known: 01\.1, .*02\.3"):
        find(number)


@pytest.mark.parametrize("chapter", ["99", "1", "", "../exercises", 1, None])
def test_an_unknown_chapter_lists_the_known_ones(chapter):
    with pytest.raises(ValueError, match="unknown chapter .*; known: 01, 02"):
        exercises(chapter)


def test_an_exercise_is_found_by_its_number():
    for chapter in chapters():
        for number in exercises(chapter):
            assert number.startswith(f"{chapter}.")
            assert find(number).number == number


def test_tests_have_names_of_their_own_points_and_messages():
    for chapter in chapters():
        for exercise in exercises(chapter).values():
            names = [test.name for test in exercise.tests]
            assert exercise.tests and len(set(names)) == len(names)
            assert all(test.points > 0 and test.message for test in exercise.tests)
