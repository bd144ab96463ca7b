"""The enrolment ceremony: pictures and prompts, each judged at once, then references sealed and everything else dropped."""
