"""What a person judges and notes, wherever documents are shown: state, marks, how it is kept, windows."""
