"""Live guidance: where the face is in the camera's picture, and what to change. Nothing of it is kept."""
