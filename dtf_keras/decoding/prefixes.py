"""The gloss sequences that a beam search meets, as a tree."""

from dtf_keras.decoding.best_path import BLANK

NOBODY, NO_PARENT = -1, -2  # no node of any tree


class Prefixes:
    """Every gloss sequence that a search has met, each once: a tree of nodes.

    Nodes `0` to `B - 1` are the empty sequences of the B clips. The same sequence is
    the same node even if the beam dropped it in between.
    """

    def __init__(self, num_clips, language_model=None):
        self._parents = [NO_PARENT] * num_clips
        self._class_ids = [BLANK] * num_clips
        self._children = {}
        self._language_model = language_model
        if language_model is not None:
            self.states = [language_model.start()] * num_clips

    def extend(self, node, class_id):
        """The node of `node`'s sequence with one more gloss."""
        child = self._children.get((node, class_id))
        if child is None:
            child = self._children[node, class_id] = len(self._parents)
            self._parents.append(node)
            self._class_ids.append(class_id)
            if self._language_model is not None:
                state = self._language_model.advance(self.states[node], class_id)
                self.states.append(state)
        return child

    def class_ids(self, node):
        """The gloss sequence of a node: list of class ids."""
        reversed_ids = []
        while self._parents[node] != NO_PARENT:
            reversed_ids.append(self._class_ids[node])
            node = self._parents[node]
        return reversed_ids[::-1]
