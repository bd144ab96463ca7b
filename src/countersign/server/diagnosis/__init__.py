"""What `countersign doctor` and the console say about a server: what is well, what is not, and what to do about it."""

from countersign.server.diagnosis.examination import examine
from countersign.server.diagnosis.finding import Finding, Level

__all__ = ["Finding", "Level", "examine"]
