"""Forward passes without padding: the sequences of a batch lie behind one another in one flat array.

`batch` lays them out, `attention` is what keeps them apart, `fused` makes one kernel of what stands between two
products.
A network reads the weights of a model that transformers has loaded, and gives the same numbers.
"""
