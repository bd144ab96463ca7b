"""Two public-domain portraits that ship inside well-known packages, and where the face is in each."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import cv2
import numpy as np

from countersign.core.arrays import UInt8Array
from countersign.core.errors import ConfigurationError, ErrorCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """A picture of one face looking at the camera; places and lengths in its own pixels.

    Attributes:
        package, member: where the picture lies; the package is not imported.
        centre: of the head.
        radii: of the ellipsoid that stands for the head, x and y.
        mouth: centre of the mouth.
        mouth_width: pixels.
    """

    package: str
    member: str
    centre: tuple[float, float]
    radii: tuple[float, float]
    mouth: tuple[float, float]
    mouth_width: float

    def read(self) -> UInt8Array:
        """The picture, `uint8[height, width, 3]`, RGB.

        Raises:
            ConfigurationError: the package is not installed.
        """
        try:
            path = Path(str(distribution(self.package).locate_file(self.member)))
            encoded = np.frombuffer(path.read_bytes(), np.uint8)
        except (PackageNotFoundError, OSError):
            raise ConfigurationError(
                ErrorCode.CONFIGURATION_INVALID,
                f"the synthetic people need the package {self.package}: install countersign[demo]",
            ) from None
        picture = cv2.cvtColor(cv2.imdecode(encoded, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        return np.asarray(picture, np.uint8)


# NASA's portrait of Eileen Collins and the United States Navy's of Grace Hopper: works of the United States government.
ASTRONAUT = Portrait(
    package="scikit-image",
    member="skimage/data/astronaut.png",
    centre=(224.0, 108.0),
    radii=(62.0, 84.0),
    mouth=(224.0, 146.0),
    mouth_width=42.0,
)
ADMIRAL = Portrait(
    package="matplotlib",
    member="matplotlib/mpl-data/sample_data/grace_hopper.jpg",
    centre=(265.0, 220.0),
    radii=(118.0, 150.0),
    mouth=(274.0, 277.0),
    mouth_width=76.0,
)
