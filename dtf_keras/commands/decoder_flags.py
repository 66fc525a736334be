"""The flags of a decoder, which mean the same in every command."""

import argparse

STRATEGIES = ("greedy", "beam")


def decoder_before(argv, decoder):
    """The decoder's options that hold where the command line says nothing.

    Args:
        argv: list of the words of a command line.
        decoder: `dtf_keras.decoding.DecoderOptions` of a run or recipe. If the command
            line asks for another strategy, what only a beam search uses goes with it.
    """
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--decoder.strategy", dest="strategy")
    strategy = early.parse_known_args(argv)[0].strategy
    return decoder.with_strategy(strategy) if strategy in STRATEGIES else decoder
