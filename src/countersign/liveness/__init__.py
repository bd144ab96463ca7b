"""Is a live person there, now, answering this challenge: what was asked, and what the recording shows of it."""
