"""What a model recognizes in a whole corpus split."""

from keras import ops

from dtf_keras import decoding, evaluation


def transcribe(model, corpus, batch_size=8, decoder=decoding.greedy):
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

    def read(inputs):
        return decoder(ops.convert_to_numpy(model.predict_on_batch(inputs)))

    rows = each_clip(model, corpus, batch_size, read)
    return [corpus.vocabulary.decode(class_ids) for class_ids in rows]


def each_clip(model, corpus, batch_size, read, done=lambda num_clips: None):
    """What is read off a model for every clip of a corpus split.

    Args:
        model: zoo model.
        corpus: corpus split.
        batch_size: clips in a batch.
        read: function from the inputs of a batch of B clips to B results.
        done: called with the number of clips done, after each batch.

    Returns:
        List of one result a clip, in the corpus' order.

    Raises:
        RuntimeError: the batches left a clip out.
    """
    results, left = [None] * len(corpus), set(range(len(corpus)))
    for inputs, _ in corpus.batches(batch_size, time_axis=model.time_axis):
        clips = inputs["clip_index"].tolist()
        for clip, result in zip(clips, read(inputs), strict=True):
            results[clip] = result
            left.remove(clip)
        done(len(corpus) - len(left))
    if left:
        left_out = corpus.clips[min(left)].id
        raise RuntimeError(
            f"Clip {left_out} of {corpus.name} {corpus.split} was in no batch: its "
            "errors would be missing from the WER."
        )
    return results


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
