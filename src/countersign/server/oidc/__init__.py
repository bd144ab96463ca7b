"""OpenID Connect: other applications log people in here, and learn the truth about how."""
