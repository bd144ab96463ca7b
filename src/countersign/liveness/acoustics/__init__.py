"""The recogniser under the phrase check: an acoustic model, what it hears in a recording, and paths through it.

`sphinx_files` and `model` read the model that the pocketsphinx wheel carries; `cepstra` turns sound into what it was
trained on; `chains` strings its phones into words; `viterbi` finds the best path. Nothing here keeps state between calls,
so one model serves all threads.
"""
