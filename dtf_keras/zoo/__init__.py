"""The zoo: models by name.

>>> from dtf_keras import zoo
>>> zoo.list("full_conv_v1*")
['full_conv_v10', 'full_conv_v11']
"""

from dtf_keras.zoo.catalogue import Description, describe, get, list

__all__ = ["Description", "describe", "get", "list"]
