"""Whether the speech comes from a mouth or from a loudspeaker.

`acoustics` measures, `weights` adds up, `check` judges.
"""
