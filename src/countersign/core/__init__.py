"""What things are: samples, templates, evidence, decisions, errors and ports.

No input or output, no framework, no model. Everything else imports from here, nothing here imports from elsewhere.
The nouns are those of ISO/IEC 2382-37 (biometric vocabulary).
"""
