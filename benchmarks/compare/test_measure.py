"""What a measurement must count and what it must leave out: python3 -m unittest in this folder."""

import tempfile
import unittest
from pathlib import Path

from measure import CommandFailed, run_measured

MEBIBYTE = 1 << 20
BUSY_FOR_A_WHILE = "i=0; while ((i < 300000)); do ((i += 1)); done"
ALLOCATE = "import sys; block = b'x' * (200 << 20); sys.exit(0)"


class MeasureTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.scratch = Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def bash(self, script):
        return run_measured("a script", ["bash", "-c", script], self.scratch)

    def test_counts_a_process_whose_parent_did_not_wait_for_it(self):
        waited = self.bash(f"({BUSY_FOR_A_WHILE})")
        abandoned = self.bash(f"echo | tee >({BUSY_FOR_A_WHILE}) > /dev/null")
        self.assertGreater(abandoned.cpu, waited.cpu / 2)
        self.assertGreater(abandoned.wall, waited.wall / 2)

    def test_peak_of_a_small_program_is_its_own_and_not_the_interpreters(self):
        self.assertLess(run_measured("true", ["true"], self.scratch).peak, 4 * MEBIBYTE)

    def test_peak_is_that_of_the_largest_process(self):
        run = self.bash(f'true; python3 -S -c "{ALLOCATE}"; true')
        self.assertGreater(run.peak, 200 * MEBIBYTE)
        self.assertLess(run.peak, 230 * MEBIBYTE)

    def test_keeps_what_was_printed(self):
        self.assertEqual(self.bash("echo sha256:ab").stdout, "sha256:ab\n")

    def test_two_runs_do_not_add_up(self):
        first = self.bash(BUSY_FOR_A_WHILE)
        second = self.bash(BUSY_FOR_A_WHILE)
        self.assertLess(second.cpu, 1.8 * first.cpu)

    def test_names_a_command_that_failed_and_why(self):
        with self.assertRaisesRegex(CommandFailed, "a script: exit status 3\nno room"):
            self.bash("echo no room >&2; exit 3")

    def test_a_failure_in_an_abandoned_process_is_a_failure(self):
        with self.assertRaisesRegex(CommandFailed, "exit status 4"):
            self.bash("echo | tee >(sleep 0.1; exit 4) > /dev/null")

    def test_a_program_that_does_not_exist_is_a_failure(self):
        with self.assertRaises(CommandFailed):
            run_measured("nobody", ["/nonexistent/program"], self.scratch)


if __name__ == "__main__":
    unittest.main()
