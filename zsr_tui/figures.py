"""See `zsr_tui.numerals`."""

from zsr_tui.numerals import amount, count, counted, duration, elapsed, parameters, rate, short_count, size

__all__ = ["amount", "count", "counted", "duration", "elapsed", "parameters", "rate", "short_count", "size"]
