"""Presentation attacks made from bona fide recordings (ISO/IEC 30107-3), and bona fide ones where there are none."""
