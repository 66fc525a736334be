"""What a model recognizes in a whole corpus split."""

from dtf_keras import decoding, evaluation
from dtf_keras.training.devices import OneDevice


def transcribe(model, corpus, batch_size=8, decoder=decoding.greedy, devices=None):
    """What the model recognizes in every clip of a corpus split.

    Args:
        model: zoo model; called with batches of the corpus, returns logits
            `[B, T', V]`. One compiled function per shape of the batches.
        corpus: corpus split of `dtf_keras.data.load`.
        batch_size: clips in a batch.
        decoder: function from logits `[B, T', V]` to B lists of class ids: greedy, or
            for example `functools.partial(decoding.decode, strategy="beam")`.

    Returns:
        List of one list of glosses (strings) a clip, in the corpus' order.

    Raises:
        RuntimeError: the batches left a clip out.
    """

    devices = devices or OneDevice()

    def read(inputs):
        return decoder(devices.logits(model, inputs))

    rows = each_clip(model, corpus, batch_size, read, devices=devices)
    return [corpus.vocabulary.decode(class_ids) for class_ids in rows]


def each_clip(
    model, corpus, batch_size, read, done=lambda num_clips: None, devices=None
):
    """What is read off a model for every clip of a corpus split.

    Args:
        model: zoo model.
        corpus: corpus split.
        batch_size: clips in a batch.
        read: function from the inputs of a batch of B clips to B results; of several
            processes each reads its own clips.
        done: called with the number of clips done, after each batch.
        devices: as for `transcribe`; results of several processes go through JSON.

    Returns:
        List of one result a clip, in the corpus' order.

    Raises:
        RuntimeError: the batches left a clip out.
    """
    devices, results = devices or OneDevice(), {}
    batches = corpus.batches(
        batch_size, time_axis=model.time_axis, sharing=devices.sharing
    )
    for inputs, *_ in batches:
        clips = inputs["clip_index"].tolist()
        for clip, result in zip(clips, read(inputs), strict=True):
            if clip >= 0:
                results[clip] = result
        done(len(results))
    results = devices.join(results)
    left_out = set(range(len(corpus))) - results.keys()
    if left_out:
        raise RuntimeError(
            f"Clip {corpus.clips[min(left_out)].id} of {corpus.name} {corpus.split} "
            "was in no batch: its errors would be missing from the WER."
        )
    return [results[clip] for clip in range(len(corpus))]


def measure(corpus, transcripts):
    """Plain errors of the transcripts of a corpus split, as its rules count them.

    Returns:
        `WordErrors`, or `CharacterErrors` where glosses are characters.

    Raises:
        ScoringError: the corpus was registered with rules that do not exist.
    """
    references = [list(clip.glosses) for clip in corpus.clips]
    rules = evaluation.find_rules(corpus.facts.rules)
    return rules.count(references, transcripts)
