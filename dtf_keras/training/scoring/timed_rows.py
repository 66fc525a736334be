"""What a model recognizes and when, as the rows of a CTM file."""

from dtf_keras import decoding
from dtf_keras.eta import Eta
from dtf_keras.evaluation import CtmRow
from dtf_keras.recognition import TimedModel, step_edges
from dtf_keras.training.scoring.transcripts import each_clip
from dtf_keras.words import tell


def recognize(model, corpus, batch_size=8, decoder=decoding.greedy_spans, say=tell):
    """Recognizes every clip of a corpus split.

    The times of a gloss are those of `model.recognize`: from where its first output
    step lies in the clip to where the step after its last one does. A gloss often takes
    only one step: the times say where the model decides, not where the sign begins and
    ends.

    Args:
        model: zoo model.
        corpus: corpus split of `dtf_keras.data.load`.
        batch_size: clips in a batch.
        decoder: function from logits `[B, T', V]` to B lists of `decoding.Span`.
        say: function that shows a line of text, now and then, with the time to go.

    Returns:
        List of one list of `dtf_keras.evaluation.CtmRow` a clip, in the corpus' order;
        times in seconds, the confidence is the mean probability of the steps.

    Raises:
        RuntimeError: the batches left a clip out.
    """
    timed = TimedModel(model)

    def read(inputs):
        logits, places = timed.predict(inputs)
        return zip(decoder(logits), places, strict=True)

    eta = Eta(len(corpus), say)

    def progress(num_done):
        eta(num_done, f"  {num_done}/{len(corpus)} clips")

    results = each_clip(model, corpus, batch_size, read, progress)
    return [
        _rows(corpus, clip, *result)
        for clip, result in zip(corpus.clips, results, strict=True)
    ]


def _rows(corpus, clip, spans, places):
    edges = step_edges(places, clip.num_frames, corpus.input_format.frame_rate)
    return [
        CtmRow(
            clip_id=clip.id,
            start=float(edges[span.start]),
            duration=float(edges[span.stop] - edges[span.start]),
            gloss=corpus.vocabulary.decode([span.class_id])[0],
            confidence=span.probability,
        )
        for span in spans
    ]
