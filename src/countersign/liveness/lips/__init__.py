"""Do these lips say what is heard, and are they the lips of the face that is compared?

`mouth` and `crops` turn pictures into numbers over time, `sound` does it for what is heard; `agreement` compares the two at
every shift between them; `check` and `active_speaker` judge.
"""
