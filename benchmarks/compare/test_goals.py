"""Ratios, spreads and verdicts on figures made up for it."""

import unittest

from goals import judged, ratios

MEBIBYTE = 1 << 20


def runs(walls, peak=10 * MEBIBYTE, layer=100):
    return [{"wall": wall, "cpu": wall, "peak": peak, "layer": layer} for wall in walls]


def contest(varve, **peers):
    contenders = [{"name": "varve pack", "runs": varve}]
    contenders += [{"name": name, "runs": measured} for name, measured in peers.items()]
    return {"name": "debian/gzip", "contenders": contenders}


def row(rows, claim):
    return next(row for row in rows if row["claim"] == claim)


class GoalTests(unittest.TestCase):
    def test_ratios_are_taken_round_by_round(self):
        self.assertEqual(ratios(runs([2, 9, 4]), runs([1, 3, 4]), "wall"), [2, 3, 1])

    def test_there_is_no_ratio_where_a_size_is_missing(self):
        self.assertIsNone(ratios(runs([1], layer=None), runs([1]), "layer"))

    def test_the_median_decides_and_the_spread_is_kept(self):
        held = contest(runs([1, 1, 1]), umoci=runs([3.5, 2.0, 3.1], layer=101))
        rows = judged([held], {})
        speed = row(rows, "debian: times as fast as umoci")
        self.assertEqual((speed["median"], speed["minimum"], speed["maximum"]), (3.1, 2.0, 3.5))
        self.assertTrue(speed["met"])
        self.assertTrue(row(rows, "debian: layer, share of umoci's")["met"])

    def test_an_equal_layer_is_not_a_smaller_one(self):
        rows = judged([contest(runs([1]), umoci=runs([3]))], {})
        self.assertFalse(row(rows, "debian: layer, share of umoci's")["met"])

    def test_the_worst_run_decides_over_memory(self):
        varve = runs([1, 1]) + runs([1], peak=97 * MEBIBYTE)
        rows = judged([contest(varve)], {})
        self.assertFalse(row(rows, "everywhere: peak memory of varve, worst run")["met"])

    def test_the_layer_is_held_against_the_reference(self):
        claim = "debian: layer, share of pigz -6 of the same tar"
        held = contest(runs([1], layer=104))
        self.assertTrue(row(judged([held], {"debian": 100}), claim)["met"])
        self.assertFalse(row(judged([held], {"debian": 99}), claim)["met"])

    def test_what_was_not_run_is_neither_met_nor_missed(self):
        self.assertTrue(all(row["met"] is None for row in judged([], {})))


if __name__ == "__main__":
    unittest.main()
