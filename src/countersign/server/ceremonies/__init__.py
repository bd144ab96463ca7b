"""The ceremonies: consent, enrolment and login. Their tables, their API under ``/api/v1/`` and the login stage."""
