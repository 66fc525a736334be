"""What a model recognises and when, as the rows of a CTM file."""

from keras import ops

from dtf_keras import decoding
from dtf_keras.eta import Eta
from dtf_keras.evaluation import CtmRow
from dtf_keras.layers import count_valid_steps
from dtf_keras.training.scoring.transcripts import decode_clips


def recognise(model, corpus, batch_size=8, decoder=decoding.greedy_spans, say=print):
    """Recognises every clip of a corpus split.

    The times of a gloss are those of its output steps, which are spread evenly over
    the clip. A step is about 4 frames, and a gloss often takes only one: the times
    say where the model decides, not where the sign begins and ends. Of a model that
    merges frames (`full_conv_v8`) the steps are not even, and the times rough.

    Args:
        model: zoo model.
        corpus: corpus split of `dtf_keras.data.load`.
        batch_size: clips in a batch.
        decoder: function from logits `[B, T', V]` and valid steps `[B]` to B lists of
            `decoding.Span`.
        say: function that shows a line of text, now and then, with the time to go.

    Returns:
        List of one list of `dtf_keras.evaluation.CtmRow` a clip, in the corpus' order;
        times in seconds, the confidence is the mean probability of the steps.

    Raises:
        RuntimeError: the batches left a clip out.
    """

    def decode(logits):
        num_steps = ops.convert_to_numpy(count_valid_steps(logits))
        spans = decoder(logits, num_steps)
        return zip(spans, num_steps.tolist(), strict=True)

    eta = Eta(len(corpus), say)

    def progress(num_done):
        eta(num_done, f"  {num_done}/{len(corpus)} clips")

    results = decode_clips(model, corpus, batch_size, decode, progress)
    return [
        _rows(clip, spans, num_steps, corpus)
        for clip, (spans, num_steps) in zip(corpus.clips, results, strict=True)
    ]


def _rows(clip, spans, num_steps, corpus):
    seconds = clip.num_frames / corpus.input_format.frame_rate
    return [
        CtmRow(
            clip_id=clip.id,
            start=span.start * seconds / num_steps,
            duration=(span.stop - span.start) * seconds / num_steps,
            gloss=corpus.vocabulary.decode([span.class_id])[0],
            confidence=span.probability,
        )
        for span in spans
    ]
