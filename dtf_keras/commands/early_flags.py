"""Flags that are read before the others, because these begin as they say."""

import argparse

STRATEGIES = ("greedy", "beam")


def early_flags(argv, **defaults):
    """The values of some flags, before the whole command line is read.

    Args:
        argv: list of its words.
        **defaults: what each flag is where the command line does not have it.

    Returns:
        `argparse.Namespace`.
    """
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for name, default in defaults.items():
        early.add_argument(f"--{name}", default=default)
    return early.parse_known_args(argv)[0]


def decoder_before(argv, decoder):
    """The options of a decoder that hold where the command line says nothing.

    Args:
        argv: list of its words.
        decoder: `dtf_keras.decoding.DecoderOptions` of a run or recipe. If the command
            line asks for another strategy, what only a beam search uses goes with it.
    """
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--decoder.strategy", dest="strategy")
    strategy = early.parse_known_args(argv)[0].strategy
    return decoder.with_strategy(strategy) if strategy in STRATEGIES else decoder
