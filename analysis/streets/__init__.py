"""The walking network and the lines that cut it: arcs, nodes, barriers, slopes, dividing lines."""
