"""From the options of a decoder to the function that reads glosses off logits."""

import functools

from dtf_keras import decoding
from dtf_keras.training.settings.config import SettingError


def make_decoder(options, vocabulary, decode=decoding.decode):
    """A decoding function with its settings.

    Args:
        options: `dtf_keras.decoding.DecoderOptions`.
        vocabulary: `dtf_keras.data.Vocabulary`.
        decode: `decoding.decode`, or `decoding.decode_spans` for the steps too.

    Returns:
        Function from logits `[B, T', V]` to B lists of class ids, or of spans.

    Raises:
        FileNotFoundError: no such language model.
        SettingError: options that cannot be, or a language model that does not fit.
    """
    try:
        settings = options.settings(vocabulary.glosses)
    except ValueError as error:
        raise SettingError(str(error)) from error
    return functools.partial(decode, **settings)
