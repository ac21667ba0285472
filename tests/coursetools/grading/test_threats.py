"""The table of threats: each is shown by a hostile submission or by a test that is there."""

import ast
from pathlib import Path

import pytest

from tests.coursetools.grading.hostile_batch import HOSTILE

TESTS = Path(__file__).parents[2]
# Threats that need more than a submission in the batch, and the test that shows each.
ELSEWHERE = {
    26: [
        "test_archives.py::test_a_member_whose_name_leads_out_is_refused_alone",
        "test_archives.py::test_a_bomb_in_an_archive_is_not_unpacked",
        "test_archives.py::test_a_link_or_device_in_an_archive_is_not_read",
    ],
    36: ["test_hostile.py::test_no_markup_of_a_student_reaches_a_page"],
    37: ["test_hostile.py::test_no_cell_of_a_csv_starts_a_formula"],
    38: ["test_grade.py::test_a_killed_grader_loses_only_what_was_in_flight"],
    39: [
        "test_hostile.py::test_without_bubblewrap_nothing_is_graded",
        "test_grade.py::test_without_a_working_box_nothing_is_graded",
    ],
    41: [
        "test_grade.py::test_a_grader_that_is_stopped_while_code_runs_leaves_no_box_behind",
        "test_box.py::test_a_box_ends_with_a_grader_that_is_killed_while_code_runs",
    ],
    42: ["test_box.py::test_a_daemon_does_not_outlive_its_box"],
    44: [
        "test_pool.py::test_a_time_limit_on_a_busy_machine_is_examined_again_alone",
        "test_syscalls.py::test_no_process_gets_a_share_of_the_cores_of_its_own",
        "test_worker.py::test_code_that_starts_a_process_for_each_core_starts_few",
    ],
    45: ["test_box.py::test_a_forged_error_is_clipped_where_it_arrives"],
    46: ["test_syscalls.py::test_system_calls_that_no_exercise_needs_are_refused"],
    47: ["test_syscalls.py::test_system_calls_that_no_exercise_needs_are_refused"],
    48: ["test_run.py::test_nobody_else_reads_results_also_where_the_folder_was_there"],
    49: [
        "test_cheats.py::test_what_was_right_on_public_inputs_is_no_answer",
        "test_cheats.py::test_the_right_norm_of_the_wrong_content_is_no_answer",
    ],
    50: [
        "test_records.py::test_each_submission_has_a_seed_of_its_own_that_stays_and_tells_no_secret",
        "test_examine.py::test_tests_draw_from_the_submission_s_own_seed",
    ],
    51: [
        "test_examine_notebooks.py::test_what_check_accepts_scores_full",
        "test_plain.py::test_check_and_the_grader_agree_on_every_kind_of_answer",
        "test_plain.py::test_check_and_the_grader_agree_on_every_kind_of_value",
        "test_shell.py::test_what_is_compiled_runs_eagerly",
    ],
    52: [
        "test_intake_trouble.py::test_every_file_is_a_students_or_a_stray",
        "test_intake_trouble.py::test_an_archive_beside_notebooks_is_its_students_and_is_not_lost",
        "test_archives.py::test_a_member_whose_name_leads_out_is_refused_alone",
        "test_characters.py::test_names_that_differ_in_what_is_not_seen_become_different_to_see",
    ],
    53: [
        "test_teaching.py::test_a_number_that_makes_no_sense_is_refused_before_anything_is_written"
    ],
    54: [
        "test_examine.py::test_a_test_that_fails_with_the_author_s_answer_too_is_no_fault_of_the_"
        "student",
        "test_examine.py::test_a_seed_that_no_test_can_use_is_no_fault_of_the_student",
    ],
    55: [
        "test_tables.py::test_no_text_is_a_formula",
        "test_tables.py::test_no_text_commands_a_terminal_or_turns_its_direction",
    ],
    56: [
        "test_report.py::test_damaged_records_and_strays_are_named_on_the_page_of_the_class",
        "test_report.py::test_the_command_ends_with_1_when_a_record_is_damaged",
    ],
}


@pytest.mark.parametrize("row", range(1, 57))
def test_every_row_of_the_threat_table_is_shown(row):
    kinds = [name for name, kind in HOSTILE.items() if row in kind.rows]
    tests = ELSEWHERE.get(row, [])
    for file, _, name in (test.partition("::") for test in tests):
        trees = [ast.parse(path.read_text()) for path in TESTS.rglob(file)]
        names = {node.name for tree in trees for node in tree.body if hasattr(node, "name")}
        assert name in names
    assert kinds or tests
