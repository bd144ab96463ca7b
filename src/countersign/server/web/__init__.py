"""What stands between the network and the views: limits, headers, health, logs; and the pages' templates."""
