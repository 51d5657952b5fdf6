"""Decays of floating catchment areas as published, for tests."""

from analysis.capacity.floating_catchment import ZoneDecay

# E2SFCA with the milder weights of Luo and Qi (2009): three zones, a third of the limit each.
THIRDS = ZoneDecay(upto_share=(1 / 3, 2 / 3, 1.0), weight=(1.0, 0.68, 0.22))
