"""How fast models run on this machine, for `zsr-tui bench` and the benchmarks."""
