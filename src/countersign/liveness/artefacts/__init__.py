"""Traces that a print or a screen leaves in the picture of a face.

`crops` cuts faces out as each detector was trained to see them; `cues` measures patterns of screens and edges of pictures;
`check` fuses the detectors of pack `plus` over a few frames into one calibrated score.
"""
