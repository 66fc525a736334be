"""The zoo: models by name, with pretrained weights.

A preset is a folder of configuration, glosses, weights and metadata. `get` loads one,
`pull` brings one onto this machine, `save_preset` makes one, `push` uploads one.

>>> from dtf_keras import zoo
>>> zoo.list("full_conv_v1*")
['full_conv_v10', 'full_conv_v11']
"""

from dtf_keras.zoo.catalogue import Description, describe, list
from dtf_keras.zoo.details import PresetDetails
from dtf_keras.zoo.find import presets, pull, push
from dtf_keras.zoo.index import write_index
from dtf_keras.zoo.load import get
from dtf_keras.zoo.preset import Preset, read_preset
from dtf_keras.zoo.problems import DownloadError, HashMismatchError, PresetError
from dtf_keras.zoo.save import renew, save_preset
from dtf_keras.zoo.verify import verify

__all__ = [
    "Description",
    "DownloadError",
    "HashMismatchError",
    "Preset",
    "PresetDetails",
    "PresetError",
    "describe",
    "get",
    "list",
    "presets",
    "pull",
    "push",
    "read_preset",
    "renew",
    "save_preset",
    "verify",
    "write_index",
]
