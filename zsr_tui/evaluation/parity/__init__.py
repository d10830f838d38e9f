"""What two scorers' scores of the same pairs say of the two: figures, facts, findings. Nothing here reads or runs
anything."""
